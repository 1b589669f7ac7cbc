using Tests.Infrastructure;

namespace Tests.Dbman;

/// <summary>One replica on a database of its own, for all tests of a class that do not depend on what others change.</summary>
public sealed class SharedDbman(DataServers servers) : IAsyncLifetime
{
    private TestDatabase _database = null!;

    internal DbmanApp App { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var token = TestContext.Current.CancellationToken;
        _database = await servers.CreateDatabaseAsync(token);
        App = await DbmanApp.StartAsync(_database, token);
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await _database.DisposeAsync();
    }
}
