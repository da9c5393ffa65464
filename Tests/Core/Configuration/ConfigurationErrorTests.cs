using Tikr.Core.Configuration;

namespace Tikr.Tests.Core.Configuration;

public sealed class ConfigurationErrorTests
{
    public static TheoryData<string> Cases => [.. ConfigurationErrorCases.All.Select(error => error.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_mistake_is_reported_with_place_rule_and_remedy(string name)
    {
        var error = ConfigurationErrorCases.All.Single(candidate => candidate.Name == name);
        var environment = error.Variables.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(variable => variable.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts[1]);
        var result = ConfigurationLoader.Load(error.Text, "tikr.yaml", environment);
        Assert.Equal(error.Errors, result.Errors.Select(found => found.ToString()));
        Assert.Null(result.Configuration);
    }

    [Theory]
    [InlineData("a.yaml", 3, "late", "often", "a.yaml:3: late = often: rule. Remedy.")]
    [InlineData("a.yaml", 3, "late", null, "a.yaml:3: late: rule. Remedy.")]
    [InlineData("a.yaml", 3, "late", "", "a.yaml:3: late = \"\": rule. Remedy.")]
    [InlineData("a.yaml", 3, "", null, "a.yaml:3: rule. Remedy.")]
    [InlineData("a.yaml", 0, "", null, "a.yaml: rule. Remedy.")]
    [InlineData("environment", 0, "TIKR_X", "1\n2", "environment: TIKR_X = 1\uFFFD2: rule. Remedy.")]
    public void An_error_is_one_line(string file, int line, string key, string? value, string expected) =>
        Assert.Equal(expected, new ConfigError(file, line, key, value, "rule", "Remedy.").ToString());
}
