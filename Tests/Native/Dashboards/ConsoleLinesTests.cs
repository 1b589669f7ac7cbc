using Dashboard.Consoles;
using Dashboard.Wire;

namespace Tests.Native.Dashboards;

/// <summary>What a page makes of the lines that it gets.</summary>
public sealed class ConsoleLinesTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("\e[31mred\e[0m, \e[1;92mbold\e[m.", "red[fg-red]|, |bold[fg-bright-green bold]|.")]
    [InlineData("\e[38;5;4mpalette\e[39m \e[38;2;1;2;3mmillions\e[0m", "palette[fg-blue]| |millions")]
    [InlineData("\e[2J\e[Hmoved\e]0;title\a on", "moved| on")]
    [InlineData("\e]8;;http://evil.example\e\\link", "link")]
    [InlineData("cut \e[3", "cut ")]
    [InlineData("cut \e", "cut ")]
    [InlineData("\e[999999999999mnumber", "number")]
    public void ColoursBecomeClasses_AndOtherSequencesGo(string text, string expected)
    {
        var runs = Ansi.Runs(text).ToArray();

        Assert.Equal(expected, string.Join('|', runs.Select(r => r.Classes is null ? r.Text : $"{r.Text}[{r.Classes}]")));
        Assert.Equal(string.Concat(runs.Select(r => r.Text)), Ansi.Plain(text));
    }

    [Theory]
    [InlineData("warn: Category[3]", false, ConsoleLevel.None, ConsoleLevel.Warning)]
    [InlineData("      goes on", false, ConsoleLevel.Warning, ConsoleLevel.Warning)]
    [InlineData("2026-11-25 02:46:22.001 UTC [19081] FATAL:  the database system is starting up", true, ConsoleLevel.None, ConsoleLevel.Critical)]
    [InlineData("2026-11-25 02:46:22.001 UTC [19081] LOG:  checkpoint starting", true, ConsoleLevel.None, ConsoleLevel.Information)]
    [InlineData("2026-11-25 02:46:22.001 UTC [19081] CONTEXT:  PL/pgSQL function f() line 1 at RAISE", true, ConsoleLevel.Information, ConsoleLevel.Debug)]
    [InlineData("said on the error stream", true, ConsoleLevel.None, ConsoleLevel.Error)]
    [InlineData("", false, ConsoleLevel.Error, ConsoleLevel.None)]
    public void LevelIsWhatTheLineSays(string plain, bool isError, ConsoleLevel before, ConsoleLevel expected) =>
        Assert.Equal(expected, ConsoleLevels.Of(plain, isError, before));

    [Fact]
    public void RingKeepsTheLast_AndItsMatchesAlike()
    {
        var ring = new LineRing(100);
        ring.Find("even");
        for (var i = 1; i <= 1_000; i++)
        {
            ring.Add(Line(i, i % 2 == 0 ? $"even {i}" : $"odd {i}"));
        }

        Assert.Equal(100, ring.Count);
        Assert.Equal(50, ring.ShownCount);
        Assert.Equal([902, 904], ring.Shown(0, 2).Select(l => l.Number));
        Assert.Equal([1_000], ring.Shown(49, 10).Select(l => l.Number));
        ring.Find(string.Empty);
        Assert.Equal(901, ring.Shown(0, 1).Single().Number);
    }

    [Fact]
    public void RingIsBoundedInCharactersToo()
    {
        var ring = new LineRing(10_000);
        var text = new string('x', 10_000);
        for (var i = 1; i <= 1_000; i++)
        {
            ring.Add(Line(i, text));
        }

        Assert.Equal(400, ring.Count);
        Assert.Equal(1_000, ring.Shown(399, 1).Single().Number);
    }

    private static ConsoleLine Line(int number, string text) => ConsoleLevels.Read(new Line { Number = number, Text = text }, ConsoleLevel.None);
}
