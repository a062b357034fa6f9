namespace Quayside.Contracts;

/// <summary>Where a parcel goes. Personal data: it crosses from Orders to Shipping by invocation only, never in an event or a workflow.</summary>
public sealed record Address(string Name, string Street, string City, string Postcode, string Country);
