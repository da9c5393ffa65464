using Tikr.Tests.DatabaseSupport;

[assembly: AssemblyFixture(typeof(TimescaleServer))]
