global using Tikr.Tests.KafkaSupport;
global using Tikr.Tests.ProcessSupport;
