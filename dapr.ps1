# Runs the local Dapr runtime with the given arguments. Publishes it first when it is missing or older than its sources.
$ErrorActionPreference = 'Stop'
$runtime = Join-Path $PSScriptRoot 'artifacts/publish/LocalDapr.Runtime/release/LocalDapr.Runtime.dll'
$sources = 'local-dapr/Runtime', 'local-dapr/Protocol' | ForEach-Object { Get-ChildItem (Join-Path $PSScriptRoot $_) -Recurse -File -Include *.cs, *.csproj, *.proto }
$sources += 'Directory.Build.props', 'Directory.Packages.props' | ForEach-Object { Get-Item (Join-Path $PSScriptRoot $_) }
if (-not (Test-Path $runtime) -or ($sources | Where-Object LastWriteTimeUtc -gt (Get-Item $runtime).LastWriteTimeUtc)) {
    Write-Host 'Building the local Dapr runtime (first run, or its sources have changed) ...'
    dotnet publish (Join-Path $PSScriptRoot 'local-dapr/Runtime') --configuration Release --use-current-runtime --output (Split-Path $runtime) --verbosity quiet --nologo
    if ($LASTEXITCODE -ne 0) { exit 1 }
}
dotnet $runtime @args
exit $LASTEXITCODE
