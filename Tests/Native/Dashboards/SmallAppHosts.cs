namespace Tests.Native.Dashboards;

/// <summary>Everything that runs the small AppHost, one test after the other; those that look at its dashboard share a run.</summary>
[CollectionDefinition(AppHostProcess.Collection)]
public sealed class SmallAppHosts : ICollectionFixture<DashboardRun>;
