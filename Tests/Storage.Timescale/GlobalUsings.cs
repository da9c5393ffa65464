[assembly: AssemblyFixture(typeof(TimescaleServer))]
