using System.Buffers.Text;
using System.Text;
using Contracts;

namespace Dbman.Directory;

/// <summary>Where a page of the directory ended: the name by which its last user was found, and the user, as names of people repeat. Callers see one opaque word.</summary>
internal sealed record DirectoryCursor(string Key, string Id)
{
    /// <summary>Longest word: a name grows when it is folded, and a character takes up to four bytes.</summary>
    public const int MaxLength = 4_096;

    // No id holds a line break.
    public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{Key}\n{Id}"));

    /// <summary>Null for an unknown word.</summary>
    public static DirectoryCursor? Parse(string word)
    {
        if (word.Length > MaxLength || !Base64Url.IsValid(word))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(word));
        var end = text.LastIndexOf('\n');
        return end >= 0 && Ids.IsValid(text[(end + 1)..]) && PlainText.IsStorable(text) ? new DirectoryCursor(text[..end], text[(end + 1)..]) : null;
    }
}
