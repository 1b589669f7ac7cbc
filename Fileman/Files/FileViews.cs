using System.Security.Cryptography;
using Contracts.Files;
using Contracts.Public;

namespace Fileman.Files;

internal static class FileViews
{
    private const int IdBytes = 16;

    /// <summary>
    /// 128 random bits. Everybody in the tenant who knows a file's id may read it: members get to know it by a message that has it attached. An id with a time in it could be guessed.
    /// </summary>
    public static string NewId() => RandomNumberGenerator.GetHexString(IdBytes * 2, lowercase: true);

    public static FileView ToView(this FileRecord file) =>
        new(file.Id, file.Owner, file.Name, file.ContentType, file.Size, file.Sha256, file.CreatedAt, file.Picture);
}
