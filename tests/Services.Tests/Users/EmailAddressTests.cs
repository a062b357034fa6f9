using FsCheck;
using FsCheck.Fluent;
using Quayside.Contracts.Users;
using Quayside.Services.Tests.Models;

namespace Quayside.Services.Tests.Users;

/// <summary>The one rule of Users and Identity for what is an address, and when two are the same.</summary>
public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("demo@quayside.test")]
    [InlineData("DEMO@QUAYSIDE.TEST")]
    [InlineData("  Demo@Quayside.Test\t")]
    public void Case_and_blanks_make_no_other_address(string spelling) => Assert.Equal("demo@quayside.test", EmailAddress.Normalize(spelling));

    [Theory]
    [InlineData("demo@quay\u017Fide.test")] // long s, whose upper case is S
    [InlineData("demo@quays\u0131de.test")] // dotless i, whose upper case is I
    [InlineData("demo@QUAYS\u0130DE.test")] // I with a dot, whose lower case is i in some languages
    [InlineData("\uFF44emo@quayside.test")] // full-width d, which NFKC makes a d
    [InlineData("demo@quayside\u3002test")] // ideographic full stop, which IDNA makes a dot
    [InlineData("d\u200Bemo@quayside.test")] // zero-width space
    [InlineData("d\u0435mo@quayside.test")] // Cyrillic e
    [InlineData("dem\u00F6@quayside.test")]
    [InlineData("demo@qu\u00E4yside.test")]
    [InlineData("demo@quayside.test\u0000")]
    [InlineData("demo@quayside.test\r\nBcc: all@quayside.test")]
    [InlineData("demo@quayside.test, eve@quayside.test")]
    [InlineData("\"demo\"@quayside.test")]
    [InlineData("demo@[127.0.0.1]")]
    [InlineData("demo@quayside")]
    public void What_only_looks_like_an_address_is_none_and_equals_none(string lookalike)
    {
        Assert.False(EmailAddress.IsPlausible(lookalike.Trim()), lookalike);
        Assert.NotEqual("demo@quayside.test", EmailAddress.Normalize(lookalike));
    }

    [Theory]
    [InlineData("ada@xn--bcher-kva.example")]
    [InlineData("o'brien+shop@mail.example.ie")]
    public void An_international_domain_in_its_ASCII_form_and_every_sign_of_HTML_are_good(string address) => Assert.True(EmailAddress.IsPlausible(address));

    [Fact]
    public void A_Kelvin_sign_is_no_k() => Assert.NotEqual(EmailAddress.Normalize("kim@quayside.test"), EmailAddress.Normalize("\u212Aim@quayside.test"));

    [Fact]
    public void Two_good_addresses_are_equal_only_if_they_differ_by_case() => Runs.Of(
        1_000,
        ArbMap.Default.ArbFor<(NonEmptyString, NonEmptyString)>(),
        pair =>
        {
            var (one, other) = ($"{pair.Item1.Get}@a.test", $"{pair.Item2.Get}@a.test");
            if (!EmailAddress.IsPlausible(one) || !EmailAddress.IsPlausible(other)) return;
            Assert.Equal(string.Equals(one, other, StringComparison.OrdinalIgnoreCase), EmailAddress.Normalize(one) == EmailAddress.Normalize(other));
        });

    [Theory]
    [InlineData("<script>alert(1)</script>", true)]
    [InlineData("Ada \u200D Lovelace", true)]
    [InlineData("\u05D0\u05D3\u05D4", true)]
    [InlineData("Ada\u202Eecalevol", false)]
    [InlineData("Ada\u2066x", false)]
    [InlineData("Ada\u2028Bcc: all", false)]
    [InlineData("Ada\nBcc: all", false)]
    [InlineData("Ada \uD800", false)]
    [InlineData("   ", false)]
    public void A_name_is_what_can_be_printed_without_turning_its_line(string name, bool isValid) => Assert.Equal(isValid, UserName.IsValid(name));
}
