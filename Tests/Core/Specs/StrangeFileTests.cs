using System.Diagnostics;
using Tikr.Core.Specs;

namespace Tikr.Tests.Core.Specs;

/// <summary>What is in the specs folder need not be a file that somebody wrote as a spec.</summary>
public sealed class StrangeFileTests : IDisposable
{
    private const string Valid = "series: a\nmetrics:\n  - {name: n, aggregation: count}\ngranularity: {rollup: 1s}\n";
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("tikr-specs-");
    private readonly string _specs;

    public StrangeFileTests() => _specs = _root.CreateSubdirectory("specs").FullName;

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void A_pipe_that_nobody_writes_to_is_an_error()
    {
        using (var made = Process.Start("mkfifo", In("a.yaml"))) made.WaitForExit();

        var error = Assert.Single(SpecFolder.Load(_specs).Errors);

        Assert.Equal($"{In("a.yaml")}: the file could not be read within 5 s, as if it were a pipe or a device. "
            + "Put a regular file in its place.", error.ToString());
    }

    [Fact]
    public void A_device_without_end_is_too_large()
    {
        File.CreateSymbolicLink(In("a.yaml"), "/dev/zero");
        Assert.Contains("larger than 1024 KiB", Assert.Single(SpecFolder.Load(_specs).Errors).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("root:x:0:0:secret:/root:/bin/bash\n")]
    [InlineData("password: secret\nsecret: [\n")]
    [InlineData("series: secret\nmetrics: secret\ngranularity: {rollup: secret}\nlate: secret\n")]
    public void Errors_in_a_link_to_elsewhere_show_nothing_of_it(string text)
    {
        var target = Path.Combine(_root.FullName, "elsewhere");
        File.WriteAllText(target, text);
        File.CreateSymbolicLink(In("a.yaml"), target);

        var result = SpecFolder.Load(_specs);

        var error = Assert.Single(result.Errors).ToString();
        Assert.Contains($"the file is a link to {target}, which is no valid spec", error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error + string.Concat(result.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Links_are_read_and_links_within_the_folder_show_their_errors()
    {
        // As Kubernetes mounts a config map.
        var data = Directory.CreateDirectory(Path.Combine(_specs, "..2026_01_01")).FullName;
        File.WriteAllText(Path.Combine(data, "a.yaml"), Valid);
        File.WriteAllText(Path.Combine(data, "b.yaml"), Valid.Replace("series: a", "series: b\nlate: never", StringComparison.Ordinal));
        Directory.CreateSymbolicLink(In("..data"), data);
        File.CreateSymbolicLink(In("a.yaml"), "..data/a.yaml");
        File.CreateSymbolicLink(In("b.yaml"), "..data/b.yaml");

        Assert.Contains("late = never", Assert.Single(SpecFolder.Load(_specs).Errors).ToString(), StringComparison.Ordinal);
        File.Delete(In("b.yaml"));
        Assert.Equal("a", Assert.Single(SpecFolder.Load(_specs).Specs).Series);
    }

    private string In(string name) => Path.Combine(_specs, name);
}
