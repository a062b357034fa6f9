using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Quayside.Caching;
using Quayside.Contracts.Users;
using Quayside.ServiceDefaults.Versions;

namespace Quayside.Users.Profiles;

/// <param name="Version">Counts changes; the ETag of the resource.</param>
public sealed record Profile(string Id, string Email, string Name, string? Phone, DateTimeOffset CreatedAt, [property: JsonIgnore] long Version)
    : IVersioned
{
    [JsonIgnore]
    public string ETag => VersionTag.Of(Version);

    /// <summary>Names, as in JSON, of what a change of <paramref name="old"/> has changed.</summary>
    public IReadOnlyList<string> FieldsOtherThan(Profile old) => [.. Name == old.Name ? [] : new[] { "name" }, .. Phone == old.Phone ? [] : new[] { "phone" }];
}

/// <summary>Only the fields that were sent; phone may be sent as null, which clears it.</summary>
public sealed class ProfileChange
{
    private const int MaxPhone = 32;
    private string? phone;
    private bool phoneSent;

    [DisallowNull]
    public string? Name { get; set; }

    public string? Phone
    {
        get => phone;
        set
        {
            phone = value;
            phoneSent = true;
        }
    }

    public Dictionary<string, string[]> Validate()
    {
        Dictionary<string, string[]> errors = [];
        if (Name is not null && !UserName.IsValid(Name)) errors["name"] = [UserName.Rule];
        if (Phone is not null && (Phone.Length is 0 or > MaxPhone || !Phone.All(c => char.IsAsciiDigit(c) || c is '+' or ' ' or '-' or '(' or ')')))
            errors["phone"] = [$"must be a telephone number of at most {MaxPhone} characters"];
        return errors;
    }

    public Profile ApplyTo(Profile profile) => profile with
    {
        Name = Name?.Trim() ?? profile.Name,
        Phone = phoneSent ? phone : profile.Phone,
        Version = profile.Version + 1,
    };
}
