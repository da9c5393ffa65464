using Tikr.Core.Configuration;

namespace Tikr.Tests.Core.Configuration;

/// <summary>The connection string and who gets to see it.</summary>
public sealed class TimescaleSettingsTests
{
    private const string Connection = "Host=db.example;Port=6543;Username=tikr;Password=hunter2;Database=bars";

    [Fact]
    public void The_place_says_server_and_database_only() =>
        Assert.Equal("db.example:6543/bars", new TimescaleSettings { ConnectionString = Connection }.Place);

    [Theory]
    [InlineData("server=db", "db:5432/the user's own")]
    [InlineData("", "")]
    [InlineData("nonsense", "")]
    public void The_place_of_a_short_connection_string_has_the_defaults(string connection, string place) =>
        Assert.Equal(place, new TimescaleSettings { ConnectionString = connection }.Place);

    [Fact]
    public void A_printed_configuration_has_no_password()
    {
        var configuration = EnvironmentTests.Load(
            null, ("TIKR_STORAGE_BACKEND", "timescale"), ("TIKR_STORAGE_TIMESCALE_CONNECTION_STRING", Connection));

        Assert.Equal(Connection, configuration.Storage.Timescale.ConnectionString);
        Assert.DoesNotContain("hunter2", configuration.ToString(), StringComparison.Ordinal);
        Assert.Contains("db.example:6543/bars", configuration.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void No_error_shows_a_password() =>
        Assert.All(ConfigurationErrorCases.All.SelectMany(error => error.Errors),
            error => Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal));

    [Theory]
    [InlineData("storage: {backend: timescale, data_dir: /d}",
        "tikr.yaml:1: storage.data_dir = /d: The key has an effect only with storage.backend: rocksdb.")]
    [InlineData("storage: {timescale: {compress_bars: true}}",
        "tikr.yaml:1: storage.timescale.compress_bars = true: The key has an effect only with storage.backend: timescale.")]
    [InlineData("storage: {backend: timescale, accept_damaged_log: true}",
        "tikr.yaml:1: storage.accept_damaged_log = true: The key has an effect only with storage.backend: rocksdb.")]
    [InlineData("cluster: {address: 10.0.0.1}",
        "tikr.yaml:1: cluster.address = 10.0.0.1: The key has an effect only with storage.backend: timescale.")]
    [InlineData("cluster: {silo_port: 0}",
        "tikr.yaml:1: cluster.silo_port = 0: The key has an effect only with storage.backend: timescale.")]
    public void A_key_of_the_other_store_is_reported(string yaml, string notice)
    {
        var environment = yaml.Contains("backend", StringComparison.Ordinal)
            ? new Dictionary<string, string> { ["TIKR_STORAGE_TIMESCALE_CONNECTION_STRING"] = Connection }
            : [];

        var result = ConfigurationLoader.Load(yaml, "tikr.yaml", environment);

        Assert.Empty(result.Errors);
        Assert.Equal(notice, Assert.Single(result.Notices).ToString());
    }

    [Fact]
    public void A_connection_string_without_its_store_is_reported_and_not_shown()
    {
        var result = ConfigurationLoader.Load(
            $"storage: {{timescale: {{connection_string: '{Connection}'}}}}", "tikr.yaml", new Dictionary<string, string>());

        Assert.Equal(
            "tikr.yaml:1: storage.timescale.connection_string: The key has an effect only with storage.backend: timescale.",
            Assert.Single(result.Notices).ToString());
    }

    [Fact]
    public void The_database_may_be_without_durability() =>
        Assert.Equal(
            StorageDurability.None,
            EnvironmentTests.Load(null, ("TIKR_STORAGE_BACKEND", "timescale"),
                ("TIKR_STORAGE_TIMESCALE_CONNECTION_STRING", Connection), ("TIKR_STORAGE_DURABILITY", "none"))
                .Storage.Durability);
}
