using System.Text;
using ServiceDefaults.Names;
using Session.Passwords;
using Session.Validation;

namespace Tests.Session;

/// <summary>User names that look the same are the same.</summary>
public sealed class UsernamesTests
{
    [Theory]
    [InlineData("ada", "ada")]
    [InlineData("Ada.Lovelace", "ada.lovelace")]
    [InlineData("ADA@EXAMPLE.ORG", "ada@example.org")]
    [InlineData("Jos\u00e9", "jos\u00e9")]
    [InlineData("JOSE\u0301", "jos\u00e9")]
    [InlineData("\uff21\uff44\uff41", "ada")]
    [InlineData("\ufb01nn", "finn")]
    [InlineData("Stra\u00dfe", "strasse")]
    [InlineData("\u0391\u03a3", "\u03b1\u03c3")]
    [InlineData("\u03b1\u03c2", "\u03b1\u03c3")]
    [InlineData("\u1112\u1161\u11ab", "\ud55c")]
    [InlineData("\u13a0", "\u13a0")]
    [InlineData("7of9", "7of9")]
    [InlineData("\u1c90", "\u10d0")]
    [InlineData("\ua7c2", "\ua7c3")]
    public void Normalized_WhenValid(string text, string expected) => Assert.Equal(expected, Usernames.Normalize(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ada")]
    [InlineData("a da")]
    [InlineData(".ada")]
    [InlineData("..")]
    [InlineData("ada.")]
    [InlineData("a/b")]
    [InlineData("a:b")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("a\u200bb")]
    [InlineData("a\u202eb")]
    [InlineData("a\ufe0f")]
    [InlineData("a\u3164")]
    [InlineData("a\u034fb")]
    [InlineData("\u0301a")]
    [InlineData("\u2122\u00bd")]
    public void Refused_WhenInvalid(string? text) => Assert.Null(Usernames.Normalize(text));

    [Fact]
    public void Refused_WhenNotWellFormed()
    {
        // Not as inline data: an attribute cannot hold half a character.
        Assert.Null(Usernames.Normalize("a\ud800"));
        Assert.Null(Usernames.Normalize("\udc00a"));
        Assert.NotNull(PasswordRules.CheckNew("password\ud800", "ada"));
    }

    [Fact]
    public void Refused_WhenTooLongAfterFolding()
    {
        Assert.Equal(new string('a', 64), Usernames.Normalize(new string('A', 64)));
        Assert.Null(Usernames.Normalize(new string('a', 65)));

        // One character that folds into many letters.
        Assert.Null(Usernames.Normalize(new string('\ufdfa', 16)));
        Assert.Null(Usernames.Normalize(new string('a', 1_000_000)));
    }

    [Fact]
    public void FoldingAgain_ChangesNothing()
    {
        for (var point = 0; point <= 0x10FFFF; point++)
        {
            if (!Rune.IsValid(point))
            {
                continue;
            }

            var once = UnicodeText.Fold("a" + new Rune(point) + "\u0301");
            Assert.True(once == UnicodeText.Fold(once), $"U+{point:X4}");
        }
    }

    [Fact]
    public void Composition_IsBlockedByAMarkOfTheSameClass()
    {
        // The second accent must not jump over the first one, and a cedilla (another class) must not keep the accent out.
        Assert.Equal("\u00e0\u0301", UnicodeText.Fold("a\u0300\u0301"));
        Assert.Equal("\u1e09", UnicodeText.Fold("c\u0301\u0327"));
    }

    [Theory]
    [InlineData("ada")]
    [InlineData("jos\u00e9")]
    [InlineData("\u0430\u043d\u043d\u0430")]
    [InlineData("\u5c71\u7530taro")]
    [InlineData("\u3055\u304f\u3089\u30ab\u30ca")]
    [InlineData("\u0639\u0644\u064a-ali")]
    [InlineData("7.11")]
    public void NewName_MayHaveOneScript_OrThoseThatOneLanguageMixes(string name) => Assert.True(Confusables.IsOfOneScript(name));

    [Theory]
    [InlineData("\u0430dmin")]
    [InlineData("p\u0430ypal")]
    [InlineData("\u03b1lice")]
    [InlineData("\u0430\u03b1")]
    public void NewName_MustNotMixScriptsThatLookAlike(string name) => Assert.False(Confusables.IsOfOneScript(name));

    [Theory]
    [InlineData("modern", "rnodern")]
    [InlineData("bill", "bi11")]
    [InlineData("coco", "\u0441\u043e\u0441\u043e")]
    [InlineData("\u00e9a", "e\u0301a")]
    public void NamesThatLookAlike_HaveOneSkeleton(string one, string other) => Assert.Equal(Confusables.Skeleton(one), Confusables.Skeleton(other));

    [Theory]
    [InlineData("ada", "adb")]
    [InlineData("user1", "user2")]
    [InlineData("o", "0")]
    public void OtherNames_HaveOthers(string one, string other) => Assert.NotEqual(Confusables.Skeleton(one), Confusables.Skeleton(other));
}
