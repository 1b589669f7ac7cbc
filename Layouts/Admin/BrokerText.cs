using System.Globalization;
using Contracts.Layouts;
using Layouts.Planning;

namespace Layouts.Admin;

/// <summary>What Redis works, in words.</summary>
internal static class BrokerText
{
    /// <summary>A part of a core.</summary>
    public static string Share(double share) => PlannerText.Percent(share);

    /// <summary>What an event costs, and why not, where that is not known.</summary>
    public static string Price(BrokerFigures? brokers) => brokers switch
    {
        null => "What an event costs Redis is not measured yet.",
        { PriceSeconds: { } price, Note: null } => $"An event costs Redis {Microseconds(price)} of CPU.",
        { PriceSeconds: { } price, Note: { } note } => $"An event costs Redis {Microseconds(price)} of CPU. The last window was not measured: {note}.",
        { Note: { } note } => $"What an event costs Redis is not known: {note}. Rooms are judged by Planner:MessagesPerShard.",
        _ => "What an event costs Redis is not known. Rooms are judged by Planner:MessagesPerShard.",
    };

    private static string Microseconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e6:0.##} us");
}
