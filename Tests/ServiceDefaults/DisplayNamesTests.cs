using System.Text;
using ServiceDefaults.Names;

namespace Tests.ServiceDefaults;

/// <summary>Names that people read: something is visible, and nothing reverses or hides the text around it.</summary>
public sealed class DisplayNamesTests
{
    [Theory]
    [InlineData("Ada Lovelace", "Ada Lovelace")]
    [InlineData("  Ada \u00a0 Lovelace\u3000", "Ada Lovelace")]
    [InlineData("Jose\u0301", "Jos\u00e9")]
    [InlineData("\uff21\uff24\uff21", "ADA")]
    [InlineData("\ufb01nn", "finn")]
    [InlineData("\U0001F468\u200D\U0001F469\u200D\U0001F467", "\U0001F468\u200D\U0001F469\u200D\U0001F467")]
    [InlineData("\u2764\uFE0F", "\u2764\uFE0F")]
    [InlineData("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645")]
    [InlineData("\u1112\u1161\u11ab", "\ud55c")]
    [InlineData("#general!", "#general!")]
    [InlineData("\U0001F970", "\U0001F970")]
    public void Normalized_WhenThereIsSomethingToSee(string text, string expected) => Assert.Equal(expected, DisplayNames.Normalize(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\u3000")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("a\u007fb")]
    [InlineData("a\u202eb")]
    [InlineData("a\u2066b")]
    [InlineData("a\u200eb")]
    [InlineData("a\u2028b")]
    [InlineData("a\u2029b")]
    [InlineData("a\u200bb")]
    [InlineData("a\ufeffb")]
    [InlineData("a\u00adb")]
    [InlineData("a\u2060b")]
    [InlineData("\u200d")]
    [InlineData("\u200d\u200d")]
    [InlineData("\u3164")]
    [InlineData("a\u3164")]
    [InlineData("\u115f")]
    [InlineData("\uffa0")]
    [InlineData("\u2800")]
    [InlineData("\u2800 \u2800")]
    [InlineData("a\u200d")]
    [InlineData("a\u200d b")]
    [InlineData("a \u200db")]
    [InlineData("\ufe0f")]
    [InlineData("\u0301a")]
    [InlineData("\ue000")]
    [InlineData("\U000E0041")]
    public void Refused_WhenThereIsNot(string? text) => Assert.Null(DisplayNames.Normalize(text));

    [Fact]
    public void Refused_WhenNotWellFormedOrTooLong()
    {
        // Not as inline data: an attribute cannot hold half a character.
        Assert.Null(DisplayNames.Normalize("a\udc00"));
        Assert.NotNull(DisplayNames.Normalize(new string('a', 200)));
        Assert.Null(DisplayNames.Normalize(new string('a', 201)));

        // One becomes many letters.
        Assert.Null(DisplayNames.Normalize(new string('\ufdfa', 100)));
    }

    [Fact]
    public void NormalizingAgain_ChangesNothing()
    {
        for (var point = 0; point <= 0x10FFFF; point++)
        {
            if (Rune.IsValid(point) && DisplayNames.Normalize("a" + new Rune(point) + "b") is { } once)
            {
                Assert.True(once == DisplayNames.Normalize(once), $"U+{point:X4}");
            }
        }
    }
}
