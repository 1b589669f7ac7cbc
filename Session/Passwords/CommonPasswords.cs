using System.Collections.Frozen;

namespace Session.Passwords;

/// <summary>Passwords that are tried first: common.txt, a line each, in small letters.</summary>
internal static class CommonPasswords
{
    private static readonly Lazy<FrozenSet<string>> Loaded = new(Load);

    /// <summary>Whether it is one of them, however its letters are written.</summary>
    public static bool Contains(string password) => Loaded.Value.Contains(password);

    private static FrozenSet<string> Load()
    {
        using var reader = new StreamReader(
            typeof(CommonPasswords).Assembly.GetManifestResourceStream("Session.Passwords.common.txt")
            ?? throw new InvalidOperationException("common.txt is not embedded."));
        List<string> passwords = [];
        while (reader.ReadLine() is { } line)
        {
            passwords.Add(line);
        }

        return passwords.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }
}
