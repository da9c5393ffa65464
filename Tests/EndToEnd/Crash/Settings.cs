using System.Globalization;

namespace Tikr.Tests.EndToEnd.Crash;

/// <summary>What the environment says about a run.</summary>
internal static class Settings
{
    /// <summary>TIKR_CRASH_SEED repeats a run.</summary>
    public static int Seed { get; } = Number("TIKR_CRASH_SEED", (Environment.ProcessId * 31) + Environment.TickCount);

    public static int Number(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
