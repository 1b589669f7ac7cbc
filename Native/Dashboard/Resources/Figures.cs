using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace Dashboard.Resources;

/// <summary>Numbers and times as people read them.</summary>
internal static class Figures
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    public static string Bytes(double bytes)
    {
        var unit = 0;
        while (bytes >= 1_000 && unit < Units.Length - 1)
        {
            bytes /= 1_000;
            unit++;
        }

        return $"{bytes.ToString(bytes >= 100 || unit == 0 ? "0" : "0.#", CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    /// <summary>Of one core, so that 150 % is one and a half.</summary>
    public static string Cores(double cores) => string.Create(CultureInfo.InvariantCulture, $"{cores * 100:0.#} %");

    /// <summary>The time of day, with the date unless it is today's.</summary>
    public static string Moment(Timestamp? moment, TimeProvider time)
    {
        if (moment is null)
        {
            return string.Empty;
        }

        var local = TimeZoneInfo.ConvertTime(moment.ToDateTimeOffset(), time.LocalTimeZone);
        return local.Date == time.GetLocalNow().Date
            ? local.ToString("HH:mm:ss", CultureInfo.InvariantCulture)
            : local.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
    }
}
