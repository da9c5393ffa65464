namespace Tikr.Tests.Fuzz;

/// <summary>Inputs that once broke something, and those that the targets begin with.</summary>
public sealed class CorpusTests
{
    public static TheoryData<string, string> Kept =>
        [.. FuzzTargets.All.Keys.SelectMany(target => Corpus.Files(target).Select(file => (target, Path.GetFileName(file))))];

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Keys];

    [Theory]
    [MemberData(nameof(Kept))]
    public void Input_that_once_broke_the_reader_does_not_any_more(string target, string file) =>
        FuzzTargets.All[target].Run(File.ReadAllBytes(Corpus.Files(target).Single(path => Path.GetFileName(path) == file)));

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_input_to_begin_with_holds(string target)
    {
        var seeds = FuzzTargets.All[target].Seeds.ToList();
        Assert.NotEmpty(seeds);
        foreach (var seed in seeds) FuzzTargets.All[target].Run(seed);
    }
}

/// <summary>Inputs kept in files, a folder for each target.</summary>
internal static class Corpus
{
    public static IEnumerable<string> Files(string target)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Corpus", target);
        return Directory.Exists(folder) ? Directory.GetFiles(folder).Order(StringComparer.Ordinal) : [];
    }

    public static IEnumerable<byte[]> Of(string target) => Files(target).Select(File.ReadAllBytes);
}
