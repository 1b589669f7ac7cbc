namespace Client.Tokens;

/// <summary>Where access tokens come from.</summary>
public interface ITokenSource
{
    /// <summary>A token that is valid for at least <paramref name="minimumLife"/> from now.</summary>
    /// <exception cref="TokenException">There is none.</exception>
    ValueTask<AccessToken> GetAsync(TimeSpan minimumLife, CancellationToken cancellationToken);

    /// <summary>The last token was refused: the next <see cref="GetAsync"/> must bring another.</summary>
    void Invalidate();
}
