using Tikr.Core.Specs;

namespace Tikr.Tests.Core.Specs;

public sealed class SpecErrorTests
{
    public static TheoryData<string> Cases => [.. SpecErrorCases.All.Select(error => error.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_mistake_is_reported_with_place_rule_and_remedy(string name)
    {
        var error = SpecErrorCases.All.Single(candidate => candidate.Name == name);
        var result = SpecParser.Parse([new SpecFile("specs/a.yaml", error.Text)]);
        Assert.Equal(error.Errors, result.Errors.Select(found => found.ToString()));
        Assert.Empty(result.Specs);
    }

    [Fact]
    public void All_errors_of_all_files_come_at_once_in_the_order_of_the_lines()
    {
        var result = SpecParser.Parse(
        [
            new("specs/a.yaml", "serie: a\nmetrics: [{name: n, aggregation: median, type: int}]\ngranularity: {rollup: 0s, grace: -1s}"),
            new("specs/b.yaml", SpecTexts.Smallest),
            new("specs/c.yaml", "late: often\n" + SpecTexts.Smallest),
        ]);
        Assert.Equal(
            [
                "specs/a.yaml:1: serie",
                "specs/a.yaml:2: metrics[0].aggregation",
                "specs/a.yaml:2: metrics[0].type",
                "specs/a.yaml:3: granularity.rollup",
                "specs/a.yaml:3: granularity.grace",
                "specs/c.yaml:1: late",
                "specs/c.yaml:2: series",
            ],
            result.Errors.Select(error => $"{error.File}:{error.Line}: {error.Key}"));
        Assert.Equal(SeriesTwice, result.Errors[^1].ToString());
    }

    /// <summary>The one spec error that takes two files.</summary>
    internal const string SeriesTwice =
        "specs/c.yaml:2: series = trades: the series is already declared in specs/b.yaml:1. Rename one of the two, or remove one.";

    [Fact]
    public void A_series_is_declared_twice_even_if_the_first_file_has_other_errors()
    {
        var result = SpecParser.Parse([new("a.yaml", SpecTexts.Smallest + "\nlate: often"), new("b.yaml", SpecTexts.Smallest)]);
        Assert.Equal(["late", "series"], result.Errors.Select(error => error.Key));
    }
}
