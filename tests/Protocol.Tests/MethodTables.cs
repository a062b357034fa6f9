using System.Reflection;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf.Reflection;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Protocol.Tests;

public class MethodTables
{
    public static TheoryData<Type, string> Tables => new()
    {
        { typeof(DaprMethods), "Dapr" },
        { typeof(AppCallbackMethods), "AppCallback" },
        { typeof(TaskHubMethods), "TaskHub" },
    };

    [Theory, MemberData(nameof(Tables))]
    public void Each_rpc_of_the_proto_files_stands_in_its_table_with_its_types(Type table, string file)
    {
        var descriptor = file switch { "Dapr" => DaprReflection.Descriptor, "AppCallback" => AppcallbackReflection.Descriptor, _ => TaskhubReflection.Descriptor };
        var declared = descriptor.Services.SelectMany(s => s.Methods)
            .Select(m => $"/{m.Service.FullName}/{m.Name} {m.InputType.ClrType.Name} {m.OutputType.ClrType.Name}");

        var listed = table.GetProperties(BindingFlags.Public | BindingFlags.Static)
            .Select(p => $"{p.PropertyType.GetProperty("FullName")!.GetValue(p.GetValue(null))} {p.PropertyType.GenericTypeArguments[0].Name} {p.PropertyType.GenericTypeArguments[1].Name}");

        Assert.Equal(declared.Order(), listed.Order());
    }

    [Fact]
    public void The_workflow_service_has_no_package() => Assert.Equal("/TaskHubSidecarService/GetWorkItems", TaskHubMethods.GetWorkItems.FullName);
}
