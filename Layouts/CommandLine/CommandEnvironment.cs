using Spectre.Console;

namespace Layouts.CommandLine;

/// <summary>What a command finds around it.</summary>
/// <param name="Console">Where it writes.</param>
/// <param name="Variable">Reads the environment.</param>
/// <param name="Input">Where a confirmation is typed.</param>
/// <param name="Time">For waiting.</param>
/// <param name="Secrets">The AppHost's user secrets: where it keeps the operator's key in development.</param>
internal sealed record CommandEnvironment(IAnsiConsole Console, Func<string, string?> Variable, TextReader Input, TimeProvider Time, string Secrets);
