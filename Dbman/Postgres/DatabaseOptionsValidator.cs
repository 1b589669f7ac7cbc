using Dbman.Messages.Commit;
using Dbman.Requests;
using Microsoft.Extensions.Options;

namespace Dbman.Postgres;

/// <summary>Rules between options: what holds a connection at once must fit into the pool, or requests would wait for each other inside it.</summary>
internal sealed class DatabaseOptionsValidator(IOptions<CommitOptions> commit, IOptions<ConcurrencyOptions> concurrency) : IValidateOptions<DatabaseOptions>
{
    /// <summary>The health check, and this replica's background tasks: <see cref="OwnConnection"/>.</summary>
    private const int OwnConnections = 2;

    public ValidateOptionsResult Validate(string? name, DatabaseOptions options)
    {
        var errors = new List<string>();
        var needed = commit.Value.Lanes + concurrency.Value.Requests + concurrency.Value.Heartbeats + OwnConnections;
        if (needed > options.MaxPoolSize)
        {
            errors.Add(
                $"{DatabaseOptions.Section}:MaxPoolSize is {options.MaxPoolSize}, but {CommitOptions.Section}:Lanes ({commit.Value.Lanes}), "
                + $"{ConcurrencyOptions.Section}:Requests ({concurrency.Value.Requests}), {ConcurrencyOptions.Section}:Heartbeats ({concurrency.Value.Heartbeats}) "
                + $"and {OwnConnections} of our own need {needed}.");
        }

        if (options.LockTimeout >= options.StatementTimeout)
        {
            errors.Add($"{DatabaseOptions.Section}:LockTimeout must be shorter than {DatabaseOptions.Section}:StatementTimeout.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
