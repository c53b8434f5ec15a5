"""Dutch."""

from collections.abc import Mapping

from igym.protocol.told import Entry

SENTENCES: Mapping[str, Entry] = {
    "Thank you": "Bedankt",
    "You have finished. Thank you for taking part!": "U bent klaar. Bedankt voor het meedoen!",
    "The study ended for you": "Het onderzoek is voor u afgelopen",
    "Unfortunately you cannot continue. Thank you for your time.": ("Helaas kunt u niet verder. Bedankt voor uw tijd."),
    "You have left the study": "U hebt het onderzoek verlaten",
    "Thank you for your time. Please ask the experimenter if anything is unclear.": (
        "Bedankt voor uw tijd. Vraag het de onderzoeksleiding als iets onduidelijk is."
    ),
    "The wait is over": "Het wachten is voorbij",
    "Unfortunately nobody else arrived in time. Thank you for waiting.": (
        "Helaas is er verder niemand op tijd gekomen. Bedankt voor het wachten."
    ),
    "You were away for too long": "U was te lang weg",
    "This study could not wait any longer and has ended for you. What you did until then is saved. Thank you "
    "for your time. Please ask the experimenter if anything is unclear.": (
        "Dit onderzoek kon niet langer wachten en is voor u afgelopen. Wat u tot dan deed, is opgeslagen. "
        "Bedankt voor uw tijd. Vraag het de onderzoeksleiding als iets onduidelijk is."
    ),
    "The session has ended": "De sessie is beëindigd",
    "The experimenter has ended this session. Thank you for taking part.": (
        "De onderzoeksleiding heeft deze sessie beëindigd. Bedankt voor het meedoen."
    ),
    "The game could not be loaded": "Het spel kon niet geladen worden",
    "Unfortunately the game did not start on this computer. Please tell the experimenter.": (
        "Helaas is het spel op deze computer niet gestart. Zeg het tegen de onderzoeksleiding."
    ),
    "Continued elsewhere": "Elders voortgezet",
    "This page is no longer used": "Deze pagina wordt niet meer gebruikt",
    "Somebody new takes part at this computer now. You can close this page.": (
        "Op deze computer doet nu iemand anders mee. U kunt deze pagina sluiten."
    ),
    "This session goes on at another computer.": "Deze sessie gaat op een andere computer verder.",
    "This study was opened in another tab or window, and goes on there. You can close this one.": (
        "Dit onderzoek is in een ander tabblad of venster geopend en gaat daar verder. U kunt dit sluiten."
    ),
    "Already open": "Al geopend",
    "This study is already open in another tab or window. Please go on there, and close this one.": (
        "Dit onderzoek is al open in een ander tabblad of venster. Ga daar verder en sluit dit."
    ),
    "People talk here between the rounds of the game.": "Hier wordt tussen de rondes van het spel gepraat.",
    "The experimenter has closed the chat for you.": "De onderzoeksleiding heeft de chat voor u gesloten.",
    "There is nobody to talk to.": "Er is niemand om mee te praten.",
    "You have sent as many messages as this study allows.": (
        "U hebt zoveel berichten verstuurd als dit onderzoek toestaat."
    ),
    "Nobody talks on this page any more.": "Op deze pagina wordt niet meer gepraat.",
    "This cannot be said here.": "Dit kan hier niet gezegd worden.",
    "This study cannot be done on this kind of device. Please use another one if you can.": (
        "Dit onderzoek kan niet op dit soort apparaat. Gebruik een ander als dat kan."
    ),
    "The screen or window is too small for this study. Please use a larger one if you can.": (
        "Het scherm of venster is te klein voor dit onderzoek. Gebruik een groter als dat kan."
    ),
    "This study cannot be done with this browser. Please use another one if you can.": (
        "Dit onderzoek kan niet met deze browser. Gebruik een andere als dat kan."
    ),
    "The connection to this study is too slow to take part. Thank you for trying.": (
        "De verbinding met dit onderzoek is te traag om mee te doen. Bedankt voor het proberen."
    ),
    "Unfortunately you cannot take part in this study. Thank you for your interest.": (
        "Helaas kunt u niet aan dit onderzoek meedoen. Bedankt voor uw belangstelling."
    ),
    "Continue": "Verder",
    "Start": "Beginnen",
    "Please wait for the other participants. The game starts by itself.": (
        "Wacht op de andere deelnemers. Het spel begint vanzelf."
    ),
    "Please keep this page in front and stay with the game, or it will end for you.": (
        "Houd deze pagina vooraan en blijf bij het spel, anders eindigt het voor u."
    ),
    "The game had to end for you, because this page was left, idle or too slow. Thank you for taking part.": (
        "Het spel moest voor u eindigen, omdat deze pagina verlaten werd, niets deed of te traag was. Bedankt "
        "voor het meedoen."
    ),
    "The game ended because another participant had to leave. You did nothing wrong.": (
        "Het spel is afgelopen omdat een andere deelnemer weg moest. U hebt niets verkeerd gedaan."
    ),
    "The game goes on without you. Click here to return.": (
        "Het spel gaat zonder u verder. Klik hier om terug te komen."
    ),
    "The connection to another player was lost. Waiting for their return.": (
        "De verbinding met een andere speler is weg. We wachten tot die terugkomt."
    ),
    "The other player did not come back, so the game ended early. You did nothing wrong.": (
        "De andere speler kwam niet terug, daarom eindigde het spel eerder. U hebt niets verkeerd gedaan."
    ),
    "The connection to your game was gone for too long, so it ended for you. What you did until then is "
    "saved, and you can go on here.": (
        "De verbinding met uw spel was te lang weg, daarom is het voor u afgelopen. Wat u tot dan deed, is "
        "opgeslagen, en u kunt hier verder."
    ),
    "You were away from your game for too long, so it ended for you. What you did until then is saved, and "
    "you can go on here.": (
        "U was te lang weg van uw spel, daarom is het voor u afgelopen. Wat u tot dan deed, is opgeslagen, en u "
        "kunt hier verder."
    ),
    "The experimenter has ended this game. You did nothing wrong.": (
        "De onderzoeksleiding heeft dit spel beëindigd. U hebt niets verkeerd gedaan."
    ),
    "The game had to end because of an error in its program. It is not your fault: everything until then was "
    "saved, and the experimenter has been told.": (
        "Het spel moest eindigen door een fout in het programma. Dit ligt niet aan u: alles tot dan is "
        "opgeslagen, en de onderzoeksleiding weet ervan."
    ),
    "This link is not complete, or was changed. Please open it as you got it.": (
        "Deze link is niet volledig of is veranderd. Open hem zoals u hem kreeg."
    ),
    "Please open the personal link you were given.": "Open de persoonlijke link die u kreeg.",
    "This link carries no participant id. Please use the link you were given.": (
        "In deze link ontbreekt de deelnamecode. Gebruik de link die u kreeg."
    ),
    "Please choose or type the name you were given.": "Kies of typ de naam die u kreeg.",
    "Please type your name or number.": "Typ uw naam of nummer.",
    "Please use at most {most} ordinary characters.": "Gebruik hoogstens {most} gewone tekens.",
    "This name is not on the list. Please check it, or ask the experimenter.": (
        "Deze naam staat niet op de lijst. Controleer hem of vraag het de onderzoeksleiding."
    ),
    "This session does not take new participants at the moment. Please ask the experimenter.": (
        "Deze sessie neemt op dit moment geen nieuwe deelnemers op. Vraag het de onderzoeksleiding."
    ),
    "All places of this session are taken. Please ask the experimenter.": (
        "Alle plaatsen van deze sessie zijn bezet. Vraag het de onderzoeksleiding."
    ),
    "Some answers are not right yet. Please look at them again; you have {n} more attempts.": {
        "one": "Sommige antwoorden zijn nog niet goed. Kijk er nog eens naar; u hebt nog één poging.",
        "other": "Sommige antwoorden zijn nog niet goed. Kijk er nog eens naar; u hebt nog {n} pogingen.",
    },
    "This answer is not right.": "Dit antwoord is niet goed.",
    "This study goes on only with the right answers to its questions. Thank you for your time.": (
        "Dit onderzoek gaat alleen verder met de goede antwoorden op zijn vragen. Bedankt voor uw tijd."
    ),
    "This study goes on only after what its practice asks for. Thank you for your time.": (
        "Dit onderzoek gaat alleen verder na wat de oefening vraagt. Bedankt voor uw tijd."
    ),
    "yes": "ja",
    "no": "nee",
    "All places are taken": "Alle plaatsen zijn bezet",
    "All places of this study are taken. Thank you for your interest.": (
        "Alle plaatsen van dit onderzoek zijn bezet. Bedankt voor uw belangstelling."
    ),
    "Somebody already takes part under this name. Please ask the experimenter.": (
        "Er doet al iemand onder deze naam mee. Vraag het de onderzoeksleiding."
    ),
    "This seat address is not valid. Please ask the experimenter.": (
        "Dit adres van een plaats is niet geldig. Vraag het de onderzoeksleiding."
    ),
    "Somebody already takes part at this computer. Please ask the experimenter.": (
        "Er doet al iemand op deze computer mee. Vraag het de onderzoeksleiding."
    ),
    "This page may not join. Please open the link you were given.": (
        "Vanaf deze pagina kan niemand meedoen. Open de link die u kreeg."
    ),
    "Joining did not work. Please try again, or tell the experimenter.": (
        "Meedoen is niet gelukt. Probeer het opnieuw of zeg het tegen de onderzoeksleiding."
    ),
    "The study is out of reach for a moment. Please try again in a few seconds.": (
        "Het onderzoek is even niet bereikbaar. Probeer het over een paar seconden opnieuw."
    ),
    "This page has connected very often in a short time. Please leave it open: it goes on in a few seconds.": (
        "Deze pagina heeft in korte tijd heel vaak verbinding gemaakt. "
        "Laat haar open: over een paar seconden gaat het verder."
    ),
    "Too many people are joining at this moment. Please try again in a second.": (
        "Op dit moment melden zich te veel mensen aan. Probeer het over een seconde opnieuw."
    ),
    "Nobody can join just now, because the data cannot be saved. Please tell the experimenter.": (
        "Nu kan niemand meedoen, omdat de gegevens niet opgeslagen kunnen worden. Zeg het tegen de onderzoeksleiding."
    ),
    "The link or the name is too long.": "De link of de naam is te lang.",
    "This page could not be understood. Please reload it.": "Deze pagina was niet te begrijpen. Laad haar opnieuw.",
    "Please answer this question.": "Beantwoord deze vraag.",
    "This question is not part of the page.": "Deze vraag hoort niet bij de pagina.",
    "Please write text.": "Schrijf een tekst.",
    "Please write at least {n} characters.": {
        "one": "Schrijf minstens één teken.",
        "other": "Schrijf minstens {n} tekens.",
    },
    "Please write at most {n} characters.": {
        "one": "Schrijf hoogstens één teken.",
        "other": "Schrijf hoogstens {n} tekens.",
    },
    "Please check the form of this answer.": "Controleer de vorm van dit antwoord.",
    "Please write a number.": "Vul een getal in.",
    "Please write a whole number.": "Vul een geheel getal in.",
    "Please choose from the list.": "Kies uit de lijst.",
    "Please put every item of the list in its place.": "Geef elk onderdeel van de lijst zijn plaats.",
    "Please choose at least {n}.": {
        "one": "Kies minstens één antwoord.",
        "other": "Kies minstens {n} antwoorden.",
    },
    "Please choose at most {n}.": {
        "one": "Kies hoogstens één antwoord.",
        "other": "Kies hoogstens {n} antwoorden.",
    },
    "Please choose a point on the scale.": "Kies een punt op de schaal.",
    "Please choose a day.": "Kies een dag.",
    "Please choose a day from {day} on.": "Kies een dag vanaf {day}.",
    "Please choose a day up to {day}.": "Kies een dag tot en met {day}.",
    "Please tick the box, or leave it.": "Vink het vakje aan, of laat het.",
    "Please tick this box to go on.": "Vink dit vakje aan om verder te gaan.",
    "Please choose a value of at least {number}.": "Kies een waarde van minstens {number}.",
    "Please choose a value of at most {number}.": "Kies een waarde van hoogstens {number}.",
    "I cannot reply at the moment. Please go on without me.": (
        "Ik kan op dit moment niet antwoorden. Ga gerust zonder mij verder."
    ),
}
