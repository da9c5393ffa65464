using System.Globalization;
using Tikr.Contracts;
using Tikr.Core.Configuration;
using Tikr.Core.Time;

namespace Tikr.Cli.Replay;

/// <summary>Moves a file's ticks in time by one whole number of buckets, so that they make the same bars elsewhere in time.</summary>
internal static class Rebase
{
    /// <summary>The shift by which the file's last tick falls in the latest complete bucket of the series.</summary>
    public static long ToNow(string path, int timestampColumn, SeriesInfo series, TimeUnit unit, TimeProvider time)
    {
        if (!GoDuration.TryParse(series.Rollup, out var rollupNs, out var problem))
            throw new CliException($"the server says that series '{series.Name}' has rollup '{series.Rollup}': {problem}");
        var rollup = rollupNs / unit.Nanoseconds;
        if (rollup == 0) throw new CliException(
            $"--unit {unit.Name} is coarser than the rollup {series.Rollup}: --rebase cannot shift by whole buckets");
        var now = time.GetUnixNanoseconds() / unit.Nanoseconds;
        var latestComplete = (now / rollup * rollup) - rollup;
        var last = Greatest(path, timestampColumn);
        return latestComplete - (last / rollup * rollup);
    }

    /// <summary>The greatest timestamp, which need not stand on the last line.</summary>
    private static long Greatest(string path, int column)
    {
        using var csv = new CsvReader(path);
        csv.Read();
        var greatest = 0L;
        while (csv.Read())
        {
            if (csv.FieldCount > column && long.TryParse(csv.Field(column), NumberStyles.None, CultureInfo.InvariantCulture, out var time))
                greatest = Math.Max(greatest, time);
        }

        return greatest;
    }
}

/// <summary>Unit of the file's timestamps, which must be the series' own.</summary>
internal sealed record TimeUnit(string Name, long Nanoseconds)
{
    public static readonly TimeUnit[] All = [new("ns", 1), new("us", 1_000), new("ms", 1_000_000)];

    public static TimeUnit Parse(string name) => Array.Find(All, unit => unit.Name == name)
        ?? throw new CliException($"--unit '{name}' is not known: write ns, us or ms, as timestamp.precision of the series says");
}
