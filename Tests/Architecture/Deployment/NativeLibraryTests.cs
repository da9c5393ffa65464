using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Tikr.Tests.Architecture.Deployment;

/// <summary>
/// Native libraries of the server, held to the base image: Ubuntu 24.04, which has glibc 2.39 and no libsasl2 of the name that librdkafka
/// wants.
/// </summary>
public sealed partial class NativeLibraryTests
{
    private const int GlibcMinor = 39;

    [Fact]
    public void The_base_image_is_the_one_that_this_is_about() =>
        Assert.Contains("FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble\n", Dockerfile.Text, StringComparison.Ordinal);

    [Theory]
    // The client of Kafka tries its builds in this order.
    [InlineData("linux-x64", "librdkafka.so", "centos8-librdkafka.so")]
    [InlineData("linux-arm64", "librdkafka.so")]
    [InlineData("linux-x64", "librocksdb.so")]
    [InlineData("linux-arm64", "librocksdb.so")]
    public void One_of_the_builds_loads(string runtime, params string[] builds) =>
        Assert.Contains(builds, build => Loads(
            Path.Combine(SourceTree.Root, "Silo", "bin", Configuration, "net10.0", "runtimes", runtime, "native", build)));

    private static string Configuration => AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";

    // Names of needed libraries and of versions of their symbols are plain text in an ELF file.
    private static bool Loads(string library)
    {
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(library));
        return text.Contains("\0libc.so.6\0", StringComparison.Ordinal)
            && !text.Contains("\0libsasl2.so", StringComparison.Ordinal)
            && Glibc().Matches(text).All(version => int.Parse(version.Groups[1].ValueSpan, CultureInfo.InvariantCulture) <= GlibcMinor);
    }

    [GeneratedRegex(@"\0GLIBC_2\.(\d+)")]
    private static partial Regex Glibc();
}
