using System.Diagnostics.CodeAnalysis;

namespace Contracts.Results;

/// <summary>
/// The outcome of a call to another service: a value, or the problem it answered with. Lost dependencies are problems too
/// (<see cref="ProblemTypes.DependencyUnavailable"/>); only cancellation and bugs throw.
/// </summary>
public readonly struct ServiceResult<T>
{
    private readonly T? _value;

    /// <summary>A success.</summary>
    public ServiceResult(T value) => _value = value;

    /// <summary>A refusal.</summary>
    public ServiceResult(ServiceProblem problem) => Problem = problem;

    /// <summary>The refusal; null on success.</summary>
    public ServiceProblem? Problem { get; }

    /// <summary>Whether there is a value.</summary>
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool IsSuccess => Problem is null;

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">There is none: the call was refused.</exception>
    public T Value => Problem is null
        ? _value!
        : throw new InvalidOperationException($"No value: {Problem.Status} {Problem.Type} {Problem.Detail}");

    /// <summary>Takes the value apart from the problem.</summary>
    public bool TryGet([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out ServiceProblem? problem)
    {
        value = _value;
        problem = Problem;
        return problem is null;
    }

    /// <summary>A success.</summary>
    public static implicit operator ServiceResult<T>(T value) => new(value);

    /// <summary>A refusal.</summary>
    public static implicit operator ServiceResult<T>(ServiceProblem problem) => new(problem);
}
