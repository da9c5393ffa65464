global using TikrClient = Tikr.Contracts.Tikr.TikrClient;
