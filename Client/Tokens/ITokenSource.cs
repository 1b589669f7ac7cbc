namespace Client.Tokens;

/// <summary>Where access tokens come from.</summary>
public interface ITokenSource
{
    /// <summary>A token that is valid for at least <paramref name="minimumLife"/> from now.</summary>
    /// <exception cref="TokenException">There is no token.</exception>
    ValueTask<AccessToken> GetAsync(TimeSpan minimumLife, CancellationToken cancellationToken);

    /// <summary>This token was refused: from now on <see cref="GetAsync"/> must bring another. Nothing happens when it does already.</summary>
    void Invalidate(string refused);
}
