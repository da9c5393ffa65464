using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tikr.Benchmarks.Micro;

/// <summary>CPU time of the calling thread, which others on the machine lengthen far less than the time on the wall.</summary>
internal static partial class CpuClock
{
    private const int ThreadClock = 3;

    /// <summary>Nanoseconds.</summary>
    public static long Now()
    {
        if (!OperatingSystem.IsLinux()) return Stopwatch.GetTimestamp() * (1_000_000_000 / Stopwatch.Frequency);
        _ = GetTime(ThreadClock, out var time);
        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds, Nanoseconds;
    }
}
