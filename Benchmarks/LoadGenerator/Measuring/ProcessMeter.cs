using System.Diagnostics;
using System.Globalization;

namespace Tikr.LoadGenerator.Measuring;

/// <summary>CPU time and memory of processes on this machine, from /proc. NaN where there is nothing to read.</summary>
internal static class ProcessMeter
{
    private const double TicksPerSecond = 100;

    public static double OwnCpuSeconds()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime.TotalSeconds;
    }

    /// <summary>User and system seconds so far.</summary>
    public static double CpuSeconds(int? pid) => Stat(pid) is { } fields ? Seconds(fields, 11, 12) : double.NaN;

    /// <summary>User and system seconds so far of a process and all that it started, those that have ended included.</summary>
    public static double TreeCpuSeconds(int? pid)
    {
        if (Stat(pid) is not { } root) return double.NaN;
        // Fields 13 and 14: children that have ended and been waited for.
        var sum = Seconds(root, 11, 12, 13, 14);
        foreach (var child in ChildrenOf(pid!.Value)) sum += TreeCpuSeconds(child) is var seconds && double.IsNaN(seconds) ? 0 : seconds;
        return sum;
    }

    /// <summary>The most resident memory the process ever had, in MB.</summary>
    public static double PeakMegabytes(int? pid) => Memory(pid, "VmHWM:");

    /// <summary>Resident memory now, in MB.</summary>
    public static double ResidentMegabytes(int? pid) => Memory(pid, "VmRSS:");

    private static double Memory(int? pid, string name)
    {
        if (pid is null || !File.Exists($"/proc/{pid}/status")) return double.NaN;
        var line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line is null ? double.NaN
            : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
    }

    private static string[]? Stat(int? pid)
    {
        try
        {
            // The name in parentheses may hold blanks: fields are counted from behind it.
            return pid is null ? null : File.ReadAllText($"/proc/{pid}/stat")
                .Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static IEnumerable<int> ChildrenOf(int parent) =>
        from folder in Directory.EnumerateDirectories("/proc")
        where int.TryParse(Path.GetFileName(folder), out _)
        let pid = int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture)
        let fields = Stat(pid)
        where fields is not null && int.Parse(fields[1], CultureInfo.InvariantCulture) == parent
        select pid;

    private static double Seconds(string[] fields, params ReadOnlySpan<int> indexes)
    {
        var sum = 0L;
        foreach (var index in indexes) sum += long.Parse(fields[index], CultureInfo.InvariantCulture);
        return sum / TicksPerSecond;
    }
}
