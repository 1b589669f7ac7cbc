namespace Contracts.Files;

/// <summary>What is known of a file that may be shown as a picture, read from its content when it came.</summary>
/// <param name="Width">Pixels across as stored, before the orientation is applied.</param>
/// <param name="Height">Pixels down as stored.</param>
/// <param name="Animated">Whether it moves.</param>
public sealed record PictureInfo(int Width, int Height, bool Animated);
