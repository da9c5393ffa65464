using Tikr.Tests.Support.Databases;

[assembly: AssemblyFixture(typeof(TimescaleServer))]
