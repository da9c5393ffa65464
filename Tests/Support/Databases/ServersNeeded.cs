using Xunit.Sdk;

namespace Tikr.Tests.Support.Databases;

/// <summary>What happens to a test whose server cannot be had.</summary>
internal static class ServersNeeded
{
    /// <summary>Set to 1 where a machine must have all servers, as in continuous integration.</summary>
    public const string Variable = "TIKR_TESTS_REQUIRE_SERVERS";

    /// <summary>What to throw: skips the running test and says why, or fails it where servers are required.</summary>
    public static Exception Missed(ServerMissingException missing) => Environment.GetEnvironmentVariable(Variable) == "1"
        ? FailException.ForFailure($"{missing.Message}\n{Variable}=1 does not let this test be skipped.")
        : SkipException.ForSkip(missing.Message);
}
