using System.Globalization;

namespace Tikr.Tests.Support;

/// <summary>What the environment says about a long run.</summary>
public static class TestSettings
{
    /// <summary>A number that a variable names.</summary>
    public static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    /// <summary>The seed that a variable repeats a run with; without it another one each time.</summary>
    public static int Seed(string variable) => Number(variable, (Environment.ProcessId * 31) + Environment.TickCount);
}
