namespace Dashboard.Charts;

/// <summary>A line of a chart: a value, or nothing, at each step.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="Hue">Which of the chart's colours it has.</param>
/// <param name="Values">From the oldest to the newest.</param>
public sealed record ChartLine(string Name, int Hue, IReadOnlyList<double?> Values);

/// <summary>One measurement in a chart, which leads to where it was taken.</summary>
/// <param name="Left">Its place from the left, as a part of the whole.</param>
/// <param name="Value">Its height.</param>
/// <param name="Href">Where it leads.</param>
/// <param name="Title">What it says.</param>
public sealed record ChartDot(double Left, double Value, string Href, string Title);
