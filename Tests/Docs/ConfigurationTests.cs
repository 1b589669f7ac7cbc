using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Xml.Linq;

namespace Tests.Docs;

/// <summary>docs/configuration.md names every option, as the code has it. <c>WRITE_DOCS=1</c> writes the page.</summary>
public sealed class ConfigurationTests
{
    private const string Page = "docs/configuration.md";

    private const string Head = """
        # Configuration

        Every option of every service: its path in the configuration (as a variable of the environment with `__` in place of `:`), what it is where nothing is set, and its bounds. A value beyond
        them ends the start with a message that names the path. What [AppHost](../AppHost/AppHost.cs) and the [manifests](deploy.md) set themselves is documented there.

        Written from the code by `WRITE_DOCS=1 dotnet test`, and checked by it.

        """;

    /// <summary>In the order of the page.</summary>
    private static readonly (string Project, string Title)[] Parts =
    [
        ("ServiceDefaults", "Every service"), ("Dbman", "dbman"), ("Realtime", "realtime"), ("Layouts", "realtime: layouts and console"), ("Chat", "chat"), ("Session", "session"), ("Fileman", "fileman"),
    ];

    [Fact]
    public void PageNamesEveryOption()
    {
        var path = Path.Combine(DocumentationTests.Root, Page);
        var written = Write();
        if (Environment.GetEnvironmentVariable("WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, written);
        }

        Assert.True(File.ReadAllText(path) == written, $"{Page} is not what the code says: WRITE_DOCS=1 dotnet test writes it.");
    }

    [Fact]
    public void EveryOption_SaysWhatItIs()
    {
        Assert.Empty(Sections().SelectMany(static section => OptionsOf(section.Type).Where(option => Text(section.Docs, $"P:{NameOf(section.Type)}.{option.Name}", "summary").Length == 0)
            .Select(option => $"{section.Type.FullName}.{option.Name}")));
    }

    private static string Write()
    {
        var page = new StringBuilder(Head);
        var all = Sections().ToArray();
        foreach (var (project, title) in Parts)
        {
            var sections = all.Where(section => section.Type.Assembly.GetName().Name == project).ToArray();
            if (sections.Length > 0)
            {
                page.Append(CultureInfo.InvariantCulture, $"\n## {title}\n");
            }

            foreach (var (section, type, docs) in sections)
            {
                var summary = Text(docs, $"T:{NameOf(type)}", "summary");
                var prefix = summary.Contains($"`{section}:NAME`", StringComparison.Ordinal) ? $"{section}:NAME" : section;
                page.Append(CultureInfo.InvariantCulture, $"\n### {section}\n\n{summary}\n\n| option | default | bounds | what it is |\n|---|---|---|---|\n");
                var defaults = Activator.CreateInstance(type, nonPublic: true)!;
                foreach (var option in OptionsOf(type))
                {
                    var member = $"P:{NameOf(type)}.{option.Name}";
                    var cells = new[] { $"`{prefix}:{option.Name}`", Format(option.GetValue(defaults)), BoundsOf(option), $"{Text(docs, member, "summary")} {Remark(Text(docs, member, "value"))}".Trim() };
                    page.Append("| ").AppendJoin(" | ", cells.Select(static cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
                }
            }
        }

        return page.ToString();
    }

    private static IEnumerable<(string Path, Type Type, XDocument Docs)> Sections() =>
        from part in Parts
        let file = System.IO.Path.Combine(AppContext.BaseDirectory, $"{part.Project}.dll")
        where File.Exists(file)
        let docs = XDocument.Load(System.IO.Path.ChangeExtension(file, ".xml"))
        from type in Assembly.Load(part.Project).GetTypes()
        let path = type.GetField("Section", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)?.GetRawConstantValue() as string
        where path is not null
        orderby Array.IndexOf(Parts, part), path
        select (path, type, docs);

    private static IEnumerable<PropertyInfo> OptionsOf(Type type) =>
        type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(static property => property.SetMethod is { IsPublic: true });

    private static string BoundsOf(PropertyInfo option) => option.GetCustomAttribute<RangeAttribute>() is { } range
        ? $"{Format(Bound(option, range.Minimum))} to {Format(Bound(option, range.Maximum))}"
        : option.GetCustomAttribute<RequiredAttribute>() is not null ? "required" : "";

    /// <summary>Bounds of times are written as texts.</summary>
    private static object Bound(PropertyInfo option, object bound) => option.PropertyType == typeof(TimeSpan) ? TimeSpan.Parse($"{bound}", CultureInfo.InvariantCulture) : bound;

    private static string Format(object? value) => value switch
    {
        null or "" => "",
        bool yes => yes ? "`true`" : "`false`",
        string text => $"`{text}`",
        IEnumerable list => string.Join(", ", list.Cast<object?>().Select(Format)),
        IFormattable number => $"`{number.ToString(null, CultureInfo.InvariantCulture)}`",
        _ => $"`{value}`",
    };

    /// <summary>What the documentation of a value adds to its default and bounds, which are in columns of their own.</summary>
    private static string Remark(string value)
    {
        var end = value.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? "" : value[(end + 2)..];
    }

    private static string NameOf(Type type) => type.FullName!.Replace('+', '.');

    private static string Text(XDocument docs, string member, string part)
    {
        var text = new StringBuilder();
        foreach (var node in docs.Descendants("member").SingleOrDefault(element => element.Attribute("name")?.Value == member)?.Element(part)?.Nodes() ?? [])
        {
            _ = node switch
            {
                XText words => text.Append(words.Value),
                XElement { Name.LocalName: "see" } see => text.Append('`').Append((see.Attribute("cref") ?? see.Attribute("langword"))?.Value.Split('.', ':')[^1]).Append('`'),
                XElement code => text.Append('`').Append(code.Value).Append('`'),
                _ => text,
            };
        }

        return string.Join(' ', text.ToString().Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));
    }
}
