using Xunit.Sdk;

namespace Tikr.Tests.Support;

/// <summary>What happens to a test that needs a server or a program which this machine does not have.</summary>
public static class ServersNeeded
{
    /// <summary>Set to 1 where a machine must have them all, as in continuous integration.</summary>
    public const string Variable = "TIKR_TESTS_REQUIRE_SERVERS";

    /// <summary>What to throw: skips the running test and says why, or fails it where servers are required.</summary>
    public static Exception Missed(string reasons) => Environment.GetEnvironmentVariable(Variable) == "1"
        ? FailException.ForFailure($"{reasons}\n{Variable}=1 does not let this test be skipped.")
        : SkipException.ForSkip(reasons);
}
