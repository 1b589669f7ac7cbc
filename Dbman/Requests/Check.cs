using Contracts;
using ServiceDefaults.Errors;

namespace Dbman.Requests;

/// <summary>
/// Collects what is wrong with a request's fields; the first wrong one is answered. Checks here are about form only. PostgreSQL refuses NUL in text and
/// UTF-8 cannot carry a lone surrogate: both are refused here, by name, before they can fail a statement.
/// </summary>
internal struct Check
{
    /// <summary>The first thing that is wrong; null when all is well.</summary>
    public ProblemResult? Problem { get; private set; }

    public void Id(string name, string? value)
    {
        if (Problem is null && !Ids.IsValid(value))
        {
            Problem = Problems.InvalidId(name);
        }
    }

    public void OptionalId(string name, string? value)
    {
        if (value is not null)
        {
            Id(name, value);
        }
    }

    public void Text(string name, string? value, int maxLength, int minLength = 1)
    {
        if (Problem is not null)
        {
            return;
        }

        if (value is null || value.Length < minLength || value.Length > maxLength)
        {
            Problem = Problems.InvalidRequest($"'{name}' must be {minLength} to {maxLength} characters long.", name);
        }
        else if (!PlainText.IsStorable(value))
        {
            Problem = Problems.InvalidRequest($"'{name}' holds characters that cannot be stored (NUL, or half of a surrogate pair).", name);
        }
    }

    public void OptionalText(string name, string? value, int maxLength)
    {
        if (value is not null)
        {
            Text(name, value, maxLength, minLength: 0);
        }
    }

    public void Range(string name, long value, long min, long max)
    {
        if (Problem is null && (value < min || value > max))
        {
            Problem = Problems.InvalidRequest($"'{name}' must be {min} to {max}.", name);
        }
    }

    public void That(bool holds, string name, string rule)
    {
        if (Problem is null && !holds)
        {
            Problem = Problems.InvalidRequest($"'{name}' {rule}", name);
        }
    }

    /// <summary>A list that is there, is no longer than allowed, and holds no null.</summary>
    public bool List<T>(string name, IReadOnlyList<T>? values, int maxCount)
    {
        That(values is not null && values.Count <= maxCount, name, $"must be a list of at most {maxCount}.");
        That(Problem is not null || values!.All(static value => value is not null), name, "must not hold null.");
        return Problem is null;
    }
}
