using System.Diagnostics;
using System.Globalization;

namespace Tikr.LoadGenerator;

/// <summary>CPU time and peak memory of a process on this machine, from /proc.</summary>
internal static class ProcessMeter
{
    private const double TicksPerSecond = 100;

    public static double OwnCpuSeconds()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime.TotalSeconds;
    }

    /// <summary>User and system seconds so far; NaN when there is no such process to read.</summary>
    public static double CpuSeconds(int? pid)
    {
        if (pid is null || !File.Exists($"/proc/{pid}/stat")) return double.NaN;
        // The name in parentheses may hold blanks: fields are counted from behind it.
        var fields = File.ReadAllText($"/proc/{pid}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>The most resident memory the process ever had, in MB; NaN when there is no such process to read.</summary>
    public static double PeakMegabytes(int? pid)
    {
        if (pid is null || !File.Exists($"/proc/{pid}/status")) return double.NaN;
        var line = File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
    }
}
