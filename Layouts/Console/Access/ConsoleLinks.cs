using System.Security.Cryptography;
using System.Text.Json;
using Contracts;
using Contracts.Results;
using Microsoft.AspNetCore.DataProtection;
using StackExchange.Redis;

namespace Layouts.Console.Access;

/// <summary>
/// Links for one sign-in, for the holder of the operator's key. A link says itself for whom it is, so that any node can open it; that it was opened
/// is remembered in Redis, which all nodes share, until it has run out.
/// </summary>
internal sealed class ConsoleLinks(IDataProtectionProvider protection, IConnectionMultiplexer redis, TimeProvider time)
{
    private const string UsedPrefix = "console:link:";
    private const string Purpose = "console link";

    /// <summary>How long the link that the command line prints may wait to be opened: it is printed where its reader is.</summary>
    private static readonly TimeSpan LinkLifetime = TimeSpan.FromMinutes(2);

    /// <summary>Far more than one takes.</summary>
    private const int MaxLength = 2_048;

    private readonly IDataProtector _protector = protection.CreateProtector(Purpose);

    public ConsoleLinkView Create(string service, string by)
    {
        var expires = time.GetUtcNow() + LinkLifetime;
        var link = new ConsoleLink(Ids.New(time), service, by, expires);
        var text = _protector.Protect(JsonSerializer.Serialize(link, ConsoleJsonContext.Default.ConsoleLink));
        return new ConsoleLinkView($"{ConsoleRoutes.Enter}?t={Uri.EscapeDataString(text)}", expires);
    }

    /// <summary>For whom it is; once.</summary>
    public async Task<ServiceResult<ConsoleLink>> RedeemAsync(string text)
    {
        if (Read(text) is not { } link)
        {
            return Refused("This is no link of the console.");
        }

        var left = link.Expires - time.GetUtcNow();
        if (left <= TimeSpan.Zero)
        {
            return Refused("The link has run out.");
        }

        try
        {
            return await redis.GetDatabase().StringSetAsync(UsedPrefix + link.Id, "used", left + TimeSpan.FromMinutes(1), When.NotExists)
                ? link
                : Refused("The link was used already.");
        }
        catch (RedisException exception)
        {
            return new ServiceProblem(
                StatusCodes.Status503ServiceUnavailable, ProblemTypes.DependencyUnavailable, "Redis does not answer", $"Cannot check whether the link was used: {exception.Message}");
        }
    }

    private static ServiceProblem Refused(string detail) =>
        new(StatusCodes.Status401Unauthorized, ProblemTypes.Unauthenticated, "Not a good link", $"{detail} Ask the command line for another one.");

    private ConsoleLink? Read(string text)
    {
        try
        {
            return text.Length is > 0 and <= MaxLength ? JsonSerializer.Deserialize(_protector.Unprotect(text), ConsoleJsonContext.Default.ConsoleLink) : null;
        }
        catch (Exception exception) when (exception is CryptographicException or JsonException or FormatException)
        {
            return null;
        }
    }
}

/// <summary>What a link says.</summary>
internal sealed record ConsoleLink(string Id, string Service, string By, DateTimeOffset Expires);
