using System.Globalization;

namespace Tests.Fuzz;

/// <summary>How much is tried, and with what: <c>FUZZ_REQUESTS</c>, <c>FUZZ_FRAMES</c> and <c>FUZZ_SEED</c> in the environment; else what CI carries, and a fresh seed.</summary>
internal sealed class FuzzRun
{
    public FuzzRun(string sizeVariable, int size)
    {
        Size = Number(sizeVariable) ?? size;
        Seed = Number("FUZZ_SEED") ?? Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"FUZZ_SEED={Seed} {sizeVariable}={Size}");
    }

    public int Size { get; }

    public int Seed { get; }

    /// <summary>The n-th try's own, so that a failure can be found again whatever ran beside it.</summary>
    public Random Of(int number) => new(HashCode(Seed, number));

    /// <summary>Says how to see it again.</summary>
    public string Describe(int number, string what) => $"FUZZ_SEED={Seed}, number {number}: {what}";

    private static int HashCode(int seed, int number) => unchecked((seed * 397) ^ (number * 7_919));

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
