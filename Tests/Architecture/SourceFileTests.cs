using System.Text.RegularExpressions;

namespace Tikr.Tests.Architecture;

/// <summary>Rules that every source file keeps.</summary>
public sealed partial class SourceFileTests
{
    private const int MostLines = 400, MostColumns = 140;

    private static readonly string[] PublicHosts =
    [
        "localhost", "127.0.0.1", "www.apache.org", "keepachangelog.com",
            "semver.org", "github.com", "learn.microsoft.com", "dotnet.microsoft.com",
        "opentelemetry.io", "protobuf.dev", "grpc.io", "prometheus.io", "rocksdb.org",
            "schemas.microsoft.com", "www.w3.org", "example.com", "kafka", "prometheus",
        "collector",
    ];

    [Fact]
    public void No_source_file_is_longer_than_the_limit() =>
        Assert.Empty(SourceTree.Files(".cs").Where(file => File.ReadLines(file).Count() > MostLines).Select(SourceTree.Short));

    [Fact]
    public void No_line_of_code_is_wider_than_the_limit() =>
        Assert.Empty(
            from file in SourceTree.Files(".cs")
            from line in File.ReadLines(file).Index()
            where line.Item.Length > MostColumns
            select $"{SourceTree.Short(file)}:{line.Index + 1}: {line.Item.Length} columns");

    [Fact]
    public void No_file_names_a_host_that_is_not_public()
    {
        var strange =
            from file in SourceTree.Files(".cs", ".csproj", ".props", ".md", ".yaml", ".yml", ".sh", ".proto", ".py", ".json")
            from Match url in Url().Matches(File.ReadAllText(file))
            let host = url.Groups["host"].Value
            where !PublicHosts.Contains(host)
            select $"{SourceTree.Short(file)}: {host}";

        Assert.Empty(strange);
    }

    [Fact]
    public void No_source_file_puts_off_work_or_hides_it() =>
        Assert.Empty(SourceTree.Files(".cs").Where(file => PutOff().IsMatch(File.ReadAllText(file))).Select(SourceTree.Short));

    // Interpolated and bracketed hosts are not literal ones.
    [GeneratedRegex(@"https?://(?<host>[A-Za-z0-9][A-Za-z0-9.-]*)(?=[:/\s""'<)`,;]|$)")]
    private static partial Regex Url();

    [GeneratedRegex(@"(?m)^\s*(//\s*(TODO|FIXME|HACK)\b|#region\b)")]
    private static partial Regex PutOff();
}
