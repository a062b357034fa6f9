using Quayside.ServiceDefaults.Ids;

namespace Quayside.Services.Tests.ServiceDefaults;

public sealed class NameBasedUuidTests
{
    [Theory]
    [InlineData("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com", "2ed6657d-e927-568b-95e1-2665a8aea6a2")] // RFC 9562, appendix A.4
    [InlineData("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "python.org", "886313e1-3b8a-5372-9b90-0c9aee199e5d")]      // python: uuid.uuid5(uuid.NAMESPACE_DNS, ...)
    public void It_is_the_UUIDv5_that_others_compute(string space, string name, string expected) =>
        Assert.Equal(Guid.Parse(expected), NameBasedUuid.Create(Guid.Parse(space), name));
}
