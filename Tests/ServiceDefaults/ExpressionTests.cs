using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Tests.ServiceDefaults;

/// <summary>
/// Regular expressions that backtrack can take time quadratic in the length of a text or worse, and texts come from users. No service uses one; a
/// service that has to uses <see cref="System.Text.RegularExpressions.RegexOptions.NonBacktracking"/>, and is named here with the reason.
/// </summary>
public sealed class ExpressionTests
{
    private static readonly string[] Types = ["Regex", "GeneratedRegexAttribute", "RegexOptions"];

    [Theory]
    [InlineData("Chat")]
    [InlineData("Client")]
    [InlineData("Contracts")]
    [InlineData("Dbman")]
    [InlineData("Fileman")]
    [InlineData("Layouts")]
    [InlineData("Realtime")]
    [InlineData("ServiceDefaults")]
    [InlineData("Session")]
    public void ServiceUsesNoRegularExpression(string assembly)
    {
        Assert.DoesNotContain(References(Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll")), static type => Types.Contains(type, StringComparer.Ordinal));
    }

    [Fact]
    public void RegularExpressionsAreSeen_WhereThereAreSome()
    {
        Assert.Contains("Regex", References(typeof(ExpressionTests).Assembly.Location));
    }

    private static List<string> References(string path)
    {
        using var file = File.OpenRead(path);
        using var assembly = new PEReader(file);
        var metadata = assembly.GetMetadataReader();
        return [.. metadata.TypeReferences.Select(metadata.GetTypeReference)
            .Where(type => metadata.GetString(type.Namespace) == "System.Text.RegularExpressions")
            .Select(type => metadata.GetString(type.Name))];
    }
}
