using System.Security.Cryptography;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A random value. The character sets leave out what is easily misread and what connection strings and shells treat as special.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    private const string LowerChars = "abcdefghjkmnpqrstuvwxyz";
    private const string UpperChars = "ABCDEFGHJKMNPQRSTUVWXYZ";
    private const string NumericChars = "0123456789";
    private const string SpecialChars = "-_.{}~()*+!";

    public int MinLength { get; set; }

    public bool Lower { get; set; } = true;

    public bool Upper { get; set; } = true;

    public bool Numeric { get; set; } = true;

    public bool Special { get; set; } = true;

    public int MinLower { get; set; }

    public int MinUpper { get; set; }

    public int MinNumeric { get; set; }

    public int MinSpecial { get; set; }

    public override string GetDefaultValue()
    {
        (bool Use, int Min, string Chars)[] sets =
            [(Lower, MinLower, LowerChars), (Upper, MinUpper, UpperChars), (Numeric, MinNumeric, NumericChars), (Special, MinSpecial, SpecialChars)];
        var all = string.Concat(sets.Where(s => s.Use).Select(s => s.Chars));
        if (all.Length == 0)
        {
            throw new InvalidOperationException("A generated value needs at least one kind of character.");
        }

        var chars = new List<char>();
        foreach (var (use, min, set) in sets)
        {
            if (use && min > 0)
            {
                chars.AddRange(RandomNumberGenerator.GetItems<char>(set, min));
            }
        }

        if (chars.Count < MinLength)
        {
            chars.AddRange(RandomNumberGenerator.GetItems<char>(all, MinLength - chars.Count));
        }

        var value = chars.ToArray();
        RandomNumberGenerator.Shuffle<char>(value);
        return new string(value);
    }

    public override void WriteToManifest(ManifestPublishingContext context)
    {
        var writer = context.Writer;
        writer.WriteStartObject("generate");
        writer.WriteNumber("minLength", MinLength);
        WriteUnlessDefault("lower", Lower);
        WriteUnlessDefault("upper", Upper);
        WriteUnlessDefault("numeric", Numeric);
        WriteUnlessDefault("special", Special);
        WriteUnlessZero("minLower", MinLower);
        WriteUnlessZero("minUpper", MinUpper);
        WriteUnlessZero("minNumeric", MinNumeric);
        WriteUnlessZero("minSpecial", MinSpecial);
        writer.WriteEndObject();

        void WriteUnlessDefault(string name, bool value)
        {
            if (!value)
            {
                writer.WriteBoolean(name, value);
            }
        }

        void WriteUnlessZero(string name, int value)
        {
            if (value != 0)
            {
                writer.WriteNumber(name, value);
            }
        }
    }
}
