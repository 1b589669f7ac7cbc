using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Tests.Native;

/// <summary>Order: who waits for whom, for what, and what happens when it does not come.</summary>
public sealed class WaitTests
{
    private static CancellationToken Token => App.Token;

    [Fact]
    public async Task DependentStartsAfterItsDependencyIsHealthy()
    {
        var well = HealthCheckResult.Unhealthy("not yet");
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await App.BeginAsync(
            builder =>
            {
                builder.Services.AddHealthChecks().AddCheck("own", () => well);
                var dependency = builder.AddExecutable("dependency", "sleep", ".", "600").WithHealthCheck("own");
                builder.AddExecutable("dependent", "sleep", ".", "600").WaitFor(dependency)
                    .OnBeforeResourceStarted((_, _, _) =>
                    {
                        told.TrySetResult();
                        return Task.CompletedTask;
                    });
            },
            Token);

        // Whoever is told of the start is told before the wait.
        await told.Task.WaitAsync(Token);
        await app.Notifications.WaitForResourceAsync("dependent", KnownResourceStates.Waiting, Token);
        await app.Notifications.WaitForResourceAsync("dependency", e => e.Snapshot.HealthStatus == HealthStatus.Unhealthy, Token);
        var all = app.StartedAsync(Token);
        Assert.False(all.IsCompleted);

        well = HealthCheckResult.Healthy();

        await all;
        await app.Notifications.WaitForResourceAsync("dependent", KnownResourceStates.Running, Token);
    }

    [Fact]
    public async Task DependentStarts_WhenWhatItWaitsForHasCompleted()
    {
        await using var app = await App.StartAsync(
            builder => builder.AddExecutable("dependent", "sleep", ".", "600")
                .WaitForCompletion(builder.AddExecutable("job", "/bin/sh", ".", "-c", "exit 7"), exitCode: 7),
            Token);

        await app.Notifications.WaitForResourceAsync("dependent", KnownResourceStates.Running, Token);
        Assert.True(app.Notifications.TryGetCurrentState("job", out var job));
        Assert.Equal(7, job.Snapshot.ExitCode);
    }

    [Fact]
    public async Task DependentFails_WhenWhatItWaitsForCompletesOtherwise()
    {
        await using var app = await App.StartAsync(
            builder => builder.AddExecutable("dependent", "sleep", ".", "600")
                .WaitForCompletion(builder.AddExecutable("job", "/bin/sh", ".", "-c", "exit 1")),
            Token);

        Assert.Equal(
            KnownResourceStates.FailedToStart,
            await app.Notifications.WaitForResourceAsync("dependent", KnownResourceStates.TerminalStates, Token));
    }

    [Fact]
    public async Task DependentFailsOrWaitsOn_AsItsWaitBehaviorSays_WhenTheDependencyEnds()
    {
        await using var app = await App.BeginAsync(
            builder =>
            {
                builder.Services.AddHealthChecks().AddCheck("never", () => HealthCheckResult.Unhealthy());
                var dependency = builder.AddExecutable("dependency", "/bin/sh", ".", "-c", "exit 1").WithHealthCheck("never");
                builder.AddExecutable("hasty", "sleep", ".", "600").WaitFor(dependency, WaitBehavior.StopOnResourceUnavailable);
                builder.AddExecutable("patient", "sleep", ".", "600").WaitFor(dependency, WaitBehavior.WaitOnResourceUnavailable);
            },
            Token);

        Assert.Equal(
            KnownResourceStates.FailedToStart, await app.Notifications.WaitForResourceAsync("hasty", KnownResourceStates.TerminalStates, Token));
        Assert.True(app.Notifications.TryGetCurrentState("patient", out var patient));
        Assert.Equal(KnownResourceStates.Waiting, patient.Snapshot.State?.Text);
        Assert.False(app.StartedAsync(Token).IsCompleted);
    }

    [Fact]
    public async Task WaitForHealthyThrows_WhenTheResourceEnds()
    {
        await using var app = await App.StartAsync(
            builder =>
            {
                builder.Services.AddHealthChecks().AddCheck("never", () => HealthCheckResult.Unhealthy());
                builder.AddExecutable("short", "/bin/sh", ".", "-c", "exit 3").WithHealthCheck("never");
            },
            Token);

        await Assert.ThrowsAsync<DistributedApplicationException>(() => app.Notifications.WaitForResourceHealthyAsync("short", Token));
        await Assert.ThrowsAsync<DistributedApplicationException>(() => app.Notifications.WaitForResourceHealthyAsync("unheard-of", Token));
    }

    [Fact]
    public async Task NothingStarts_WhenItIsToBeStartedByHand_UntilItIs()
    {
        await using var app = await App.StartAsync(builder => builder.AddExecutable("manual", "sleep", ".", "600").WithExplicitStart(), Token);
        await app.Notifications.WaitForResourceAsync("manual", KnownResourceStates.NotStarted, Token);

        Assert.True((await app.Application.ResourceCommands.ExecuteCommandAsync("manual", "resource-start", Token)).Success);

        await app.Notifications.WaitForResourceAsync("manual", KnownResourceStates.Running, Token);
    }

    [Fact]
    public async Task NewProcessRuns_WhenRestarted()
    {
        Engines.SkipUnlessNative();
        await using var app = await App.StartAsync(builder => builder.AddExecutable("worker", "sleep", ".", "600"), Token);
        var before = await app.Notifications.WaitForResourceAsync("worker", e => e.Snapshot.State?.Text == KnownResourceStates.Running, Token);

        Assert.True((await app.Application.ResourceCommands.ExecuteCommandAsync("worker", KnownResourceCommands.RestartCommand, Token)).Success);

        Assert.Throws<ArgumentException>(() => Process.GetProcessById(App.PidOf(before)));
        var after = await app.Notifications.WaitForResourceAsync("worker", e => e.Snapshot.State?.Text == KnownResourceStates.Running, Token);
        Assert.NotEqual(App.PidOf(before), App.PidOf(after));
    }

    [Fact]
    public async Task EventsComeInOrder_AroundAStart()
    {
        var seen = new List<string>();
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await App.StartAsync(
            builder =>
            {
                var worker = builder.AddExecutable("worker", "sleep", ".", "600");
                builder.Eventing.Subscribe<BeforeStartEvent>((_, _) => Note("before start"));
                builder.Eventing.Subscribe<InitializeResourceEvent>(worker.Resource, (_, _) => Note("initialize"));
                builder.Eventing.Subscribe<BeforeResourceStartedEvent>(worker.Resource, (_, _) => Note("before resource started"));
                builder.Eventing.Subscribe<ResourceReadyEvent>(worker.Resource, (_, _) =>
                {
                    _ = Note("ready");
                    ready.TrySetResult();
                    return Task.CompletedTask;
                });
            },
            Token);

        await ready.Task.WaitAsync(Token);

        Assert.Equal(["before start", "initialize", "before resource started", "ready"], seen);

        Task Note(string what)
        {
            lock (seen)
            {
                seen.Add(what);
            }

            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task DatabaseFollowsItsServer_AndTheApplicationEndsWell_WhenTheServerIsStopped()
    {
        var app = await App.StartAsync(builder => builder.AddPostgres("postgres").AddDatabase("database"), Token);
        await using (app)
        {
            await app.Notifications.WaitForResourceHealthyAsync("database", Token);

            Assert.True((await app.Application.ResourceCommands.ExecuteCommandAsync("postgres", "resource-stop", Token)).Success);

            await app.Notifications.WaitForResourceAsync("database", KnownResourceStates.TerminalStates, Token);
        }
    }

    [Fact]
    public async Task SubscriberThatThrows_DoesNotKeepAResourceFromStopping()
    {
        await using var app = await App.StartAsync(
            builder => builder.AddExecutable("worker", "sleep", ".", "600")
                .OnResourceStopped((_, _, _) => throw new InvalidOperationException("on purpose")),
            Token);
        await app.Notifications.WaitForResourceAsync("worker", KnownResourceStates.Running, Token);

        Assert.True((await app.Application.ResourceCommands.ExecuteCommandAsync("worker", "resource-stop", Token)).Success);

        await app.Notifications.WaitForResourceAsync("worker", KnownResourceStates.TerminalStates, Token);
    }

    [Fact]
    public async Task OutputCanBeWatched()
    {
        await using var app = await App.StartAsync(
            builder => builder.AddExecutable("speaker", "/bin/sh", ".", "-c", "echo out; echo err >&2; sleep 600"), Token);
        var lines = new List<(string Content, bool IsError)>();
        var loggers = app.Application.Services.GetRequiredService<ResourceLoggerService>();

        var speaker = app.Application.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(static resource => resource.Name == "speaker");
        await foreach (var batch in loggers.WatchAsync(speaker).WithCancellation(Token))
        {
            lines.AddRange(batch.Select(l => (l.Content[(l.Content.LastIndexOf(' ') + 1)..], l.IsErrorMessage)));
            if (lines.Count >= 2)
            {
                break;
            }
        }

        Assert.Contains(("out", false), lines);
        Assert.Contains(("err", true), lines);
    }

    [Fact]
    public async Task OwnCommandRuns_WithTheResourcesName()
    {
        string? called = null;
        await using var app = await App.StartAsync(
            builder => builder.AddExecutable("worker", "sleep", ".", "600").WithCommand(
                "greet",
                "Greet",
                context =>
                {
                    called = context.ResourceName;
                    return Task.FromResult(CommandResults.Success());
                },
                new CommandOptions()),
            Token);
        await app.Notifications.WaitForResourceAsync("worker", KnownResourceStates.Running, Token);

        Assert.True((await app.Application.ResourceCommands.ExecuteCommandAsync("worker", "greet", Token)).Success);
        Assert.False((await app.Application.ResourceCommands.ExecuteCommandAsync("worker", "unheard-of", Token)).Success);

        Assert.StartsWith("worker", called, StringComparison.Ordinal);
    }
}
