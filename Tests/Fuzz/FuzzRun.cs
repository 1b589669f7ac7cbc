using System.Globalization;

namespace Tests.Fuzz;

/// <summary>
/// How many attempts, and with which seed: <c>FUZZ_REQUESTS</c>, <c>FUZZ_FRAMES</c> and <c>FUZZ_SEED</c> in the environment; by default what CI can
/// afford, and a fresh seed.
/// </summary>
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

    /// <summary>Its own for each attempt, so that a failure can be reproduced whatever ran beside it.</summary>
    public Random Of(int number) => new(HashCode(Seed, number));

    /// <summary>Says how to reproduce it.</summary>
    public string Describe(int number, string what) => $"FUZZ_SEED={Seed}, number {number}: {what}";

    private static int HashCode(int seed, int number) => unchecked((seed * 397) ^ (number * 7_919));

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
