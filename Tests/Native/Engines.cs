using Aspire.Hosting;

namespace Tests.Native;

/// <summary>Which engine the tests run on. Most of them do not care.</summary>
internal static class Engines
{
    /// <summary>For what is a property of local processes: signals, files, users, a balancer that looks at each request.</summary>
    public static void SkipUnlessNative() =>
        Assert.SkipUnless(typeof(DistributedApplication).Assembly.GetName().Name == "Native.Hosting", "Says something about local processes.");
}
