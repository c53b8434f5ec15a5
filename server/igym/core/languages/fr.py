"""French."""

from collections.abc import Mapping

from igym.protocol.told import Entry

SENTENCES: Mapping[str, Entry] = {
    "Thank you": "Merci",
    "You have finished. Thank you for taking part!": "Vous avez terminé. Merci de votre participation !",
    "The study ended for you": "L’étude est terminée pour vous",
    "Unfortunately you cannot continue. Thank you for your time.": (
        "Malheureusement, vous ne pouvez pas continuer. Merci pour votre temps."
    ),
    "You have left the study": "Vous avez quitté l’étude",
    "Thank you for your time. Please ask the experimenter if anything is unclear.": (
        "Merci pour votre temps. Veuillez vous adresser à la personne qui dirige l’étude si quelque chose n’est "
        "pas clair."
    ),
    "The wait is over": "L’attente est terminée",
    "Unfortunately nobody else arrived in time. Thank you for waiting.": (
        "Malheureusement, personne d’autre n’est arrivé à temps. Merci d’avoir attendu."
    ),
    "You were away for too long": "Vous avez été absent trop longtemps",
    "This study could not wait any longer and has ended for you. What you did until then is saved. Thank you "
    "for your time. Please ask the experimenter if anything is unclear.": (
        "Cette étude ne pouvait pas attendre plus longtemps et est terminée pour vous. Ce que vous avez fait "
        "jusque-là est enregistré. Merci pour votre temps. Veuillez vous adresser à la personne qui dirige "
        "l’étude si quelque chose n’est pas clair."
    ),
    "The session has ended": "La session est terminée",
    "The experimenter has ended this session. Thank you for taking part.": (
        "La personne qui dirige l’étude a mis fin à cette session. Merci de votre participation."
    ),
    "The game could not be loaded": "Le jeu n’a pas pu être chargé",
    "Unfortunately the game did not start on this computer. Please tell the experimenter.": (
        "Malheureusement, le jeu n’a pas démarré sur cet ordinateur. Veuillez prévenir la personne qui dirige l’étude."
    ),
    "Continued elsewhere": "Continuée ailleurs",
    "This page is no longer used": "Cette page ne sert plus",
    "Somebody new takes part at this computer now. You can close this page.": (
        "Une autre personne participe maintenant sur cet ordinateur. Vous pouvez fermer cette page."
    ),
    "This session goes on at another computer.": "Cette session continue sur un autre ordinateur.",
    "This study was opened in another tab or window, and goes on there. You can close this one.": (
        "Cette étude a été ouverte dans un autre onglet ou une autre fenêtre et continue là-bas. Vous pouvez "
        "fermer celle-ci."
    ),
    "Already open": "Déjà ouverte",
    "This study is already open in another tab or window. Please go on there, and close this one.": (
        "Cette étude est déjà ouverte dans un autre onglet ou une autre fenêtre. Veuillez continuer là-bas et "
        "fermer celle-ci."
    ),
    "People talk here between the rounds of the game.": "Ici, on discute entre les manches du jeu.",
    "The experimenter has closed the chat for you.": (
        "La personne qui dirige l’étude a fermé la discussion pour vous."
    ),
    "There is nobody to talk to.": "Il n’y a personne à qui parler.",
    "You have sent as many messages as this study allows.": (
        "Vous avez envoyé autant de messages que cette étude le permet."
    ),
    "Nobody talks on this page any more.": "Plus personne ne discute sur cette page.",
    "This cannot be said here.": "Ceci ne peut pas être dit ici.",
    "This study cannot be done on this kind of device. Please use another one if you can.": (
        "Cette étude ne peut pas être faite sur ce type d’appareil. Veuillez en utiliser un autre si vous le pouvez."
    ),
    "The screen or window is too small for this study. Please use a larger one if you can.": (
        "L’écran ou la fenêtre est trop petit pour cette étude. Veuillez en utiliser un plus grand si vous le pouvez."
    ),
    "This study cannot be done with this browser. Please use another one if you can.": (
        "Cette étude ne peut pas être faite avec ce navigateur. Veuillez en utiliser un autre si vous le pouvez."
    ),
    "The connection to this study is too slow to take part. Thank you for trying.": (
        "La connexion à cette étude est trop lente pour participer. Merci d’avoir essayé."
    ),
    "Unfortunately you cannot take part in this study. Thank you for your interest.": (
        "Malheureusement, vous ne pouvez pas participer à cette étude. Merci de votre intérêt."
    ),
    "Continue": "Continuer",
    "Start": "Commencer",
    "Please wait for the other participants. The game starts by itself.": (
        "Veuillez attendre les autres participants. Le jeu commence de lui-même."
    ),
    "Please keep this page in front and stay with the game, or it will end for you.": (
        "Veuillez garder cette page au premier plan et continuer à jouer, sinon le jeu s’arrêtera pour vous."
    ),
    "The game had to end for you, because this page was left, idle or too slow. Thank you for taking part.": (
        "Le jeu a dû s’arrêter pour vous parce que cette page a été quittée, est restée inactive ou était trop "
        "lente. Merci de votre participation."
    ),
    "The game ended because another participant had to leave. You did nothing wrong.": (
        "Le jeu s’est terminé parce qu’une autre personne a dû partir. Vous n’avez rien fait de mal."
    ),
    "The game goes on without you. Click here to return.": "Le jeu continue sans vous. Cliquez ici pour revenir.",
    "The connection to another player was lost. Waiting for their return.": (
        "La connexion avec une autre personne est coupée. Nous attendons son retour."
    ),
    "The other player did not come back, so the game ended early. You did nothing wrong.": (
        "L’autre personne n’est pas revenue, le jeu s’est donc terminé plus tôt. Vous n’avez rien fait de mal."
    ),
    "The connection to your game was gone for too long, so it ended for you. What you did until then is "
    "saved, and you can go on here.": (
        "La connexion à votre jeu a été coupée trop longtemps, il s’est donc terminé pour vous. Ce que vous avez "
        "fait jusque-là est enregistré, et vous pouvez continuer ici."
    ),
    "You were away from your game for too long, so it ended for you. What you did until then is saved, and "
    "you can go on here.": (
        "Vous vous êtes éloigné de votre jeu trop longtemps, il s’est donc terminé pour vous. Ce que vous avez "
        "fait jusque-là est enregistré, et vous pouvez continuer ici."
    ),
    "The experimenter has ended this game. You did nothing wrong.": (
        "La personne qui dirige l’étude a mis fin à ce jeu. Vous n’avez rien fait de mal."
    ),
    "The game had to end because of an error in its program. It is not your fault: everything until then was "
    "saved, and the experimenter has been told.": (
        "Le jeu a dû s’arrêter à cause d’une erreur dans son programme. Ce n’est pas votre faute : tout a été "
        "enregistré jusque-là, et la personne qui dirige l’étude est prévenue."
    ),
    "This link is not complete, or was changed. Please open it as you got it.": (
        "Ce lien n’est pas complet ou a été modifié. Veuillez l’ouvrir tel que vous l’avez reçu."
    ),
    "Please open the personal link you were given.": "Veuillez ouvrir le lien personnel que vous avez reçu.",
    "This link carries no participant id. Please use the link you were given.": (
        "Ce lien ne contient pas d’identifiant de participation. Veuillez utiliser le lien que vous avez reçu."
    ),
    "Please choose or type the name you were given.": "Veuillez choisir ou saisir le nom que vous avez reçu.",
    "Please type your name or number.": "Veuillez saisir votre nom ou votre numéro.",
    "Please use at most {most} ordinary characters.": "Veuillez utiliser au plus {most} caractères ordinaires.",
    "This name is not on the list. Please check it, or ask the experimenter.": (
        "Ce nom n’est pas dans la liste. Veuillez le vérifier ou vous adresser à la personne qui dirige l’étude."
    ),
    "This session does not take new participants at the moment. Please ask the experimenter.": (
        "Cette session n’accepte pas de nouveaux participants pour le moment. Veuillez vous adresser à la "
        "personne qui dirige l’étude."
    ),
    "All places of this session are taken. Please ask the experimenter.": (
        "Toutes les places de cette session sont prises. Veuillez vous adresser à la personne qui dirige l’étude."
    ),
    "Some answers are not right yet. Please look at them again; you have {n} more attempts.": {
        "one": "Certaines réponses ne sont pas encore justes. Veuillez les revoir ; il vous reste {n} essai.",
        "other": "Certaines réponses ne sont pas encore justes. Veuillez les revoir ; il vous reste {n} essais.",
    },
    "This answer is not right.": "Cette réponse n’est pas juste.",
    "This study goes on only with the right answers to its questions. Thank you for your time.": (
        "Cette étude ne continue qu’avec les bonnes réponses à ses questions. Merci pour votre temps."
    ),
    "This study goes on only after what its practice asks for. Thank you for your time.": (
        "Cette étude ne continue qu’une fois l’entraînement réussi. Merci pour votre temps."
    ),
    "yes": "oui",
    "no": "non",
    "All places are taken": "Toutes les places sont prises",
    "All places of this study are taken. Thank you for your interest.": (
        "Toutes les places de cette étude sont prises. Merci de votre intérêt."
    ),
    "Somebody already takes part under this name. Please ask the experimenter.": (
        "Quelqu’un participe déjà sous ce nom. Veuillez vous adresser à la personne qui dirige l’étude."
    ),
    "This seat address is not valid. Please ask the experimenter.": (
        "Cette adresse de poste n’est pas valable. Veuillez vous adresser à la personne qui dirige l’étude."
    ),
    "Somebody already takes part at this computer. Please ask the experimenter.": (
        "Quelqu’un participe déjà sur cet ordinateur. Veuillez vous adresser à la personne qui dirige l’étude."
    ),
    "This page may not join. Please open the link you were given.": (
        "Cette page ne permet pas de participer. Veuillez ouvrir le lien que vous avez reçu."
    ),
    "Joining did not work. Please try again, or tell the experimenter.": (
        "L’inscription n’a pas fonctionné. Veuillez réessayer ou prévenir la personne qui dirige l’étude."
    ),
    "The study is out of reach for a moment. Please try again in a few seconds.": (
        "L’étude est inaccessible pour un instant. Veuillez réessayer dans quelques secondes."
    ),
    "This page has connected very often in a short time. Please leave it open: it goes on in a few seconds.": (
        "Cette page s’est connectée très souvent en peu de temps. "
        "Veuillez la laisser ouverte : elle continue dans quelques secondes."
    ),
    "Too many people are joining at this moment. Please try again in a second.": (
        "Trop de personnes s’inscrivent en ce moment. Veuillez réessayer dans une seconde."
    ),
    "Nobody can join just now, because the data cannot be saved. Please tell the experimenter.": (
        "Personne ne peut participer pour l’instant, car les données ne peuvent pas être enregistrées. Veuillez "
        "prévenir la personne qui dirige l’étude."
    ),
    "The link or the name is too long.": "Le lien ou le nom est trop long.",
    "This page could not be understood. Please reload it.": (
        "Cette page n’a pas pu être comprise. Veuillez la recharger."
    ),
    "Please answer this question.": "Veuillez répondre à cette question.",
    "This question is not part of the page.": "Cette question ne fait pas partie de la page.",
    "Please write text.": "Veuillez écrire un texte.",
    "Please write at least {n} characters.": {
        "one": "Veuillez écrire au moins {n} caractère.",
        "other": "Veuillez écrire au moins {n} caractères.",
    },
    "Please write at most {n} characters.": {
        "one": "Veuillez écrire au plus {n} caractère.",
        "other": "Veuillez écrire au plus {n} caractères.",
    },
    "Please check the form of this answer.": "Veuillez vérifier la forme de cette réponse.",
    "Please write a number.": "Veuillez saisir un nombre.",
    "Please write a whole number.": "Veuillez saisir un nombre entier.",
    "Please choose from the list.": "Veuillez choisir dans la liste.",
    "Please put every item of the list in its place.": "Veuillez donner sa place à chaque élément de la liste.",
    "Please choose at least {n}.": {
        "one": "Veuillez choisir au moins {n} réponse.",
        "other": "Veuillez choisir au moins {n} réponses.",
    },
    "Please choose at most {n}.": {
        "one": "Veuillez choisir au plus {n} réponse.",
        "other": "Veuillez choisir au plus {n} réponses.",
    },
    "Please choose a point on the scale.": "Veuillez choisir un point de l’échelle.",
    "Please choose a day.": "Veuillez choisir un jour.",
    "Please choose a day from {day} on.": "Veuillez choisir un jour à partir du {day}.",
    "Please choose a day up to {day}.": "Veuillez choisir un jour jusqu’au {day}.",
    "Please tick the box, or leave it.": "Veuillez cocher la case, ou la laisser.",
    "Please tick this box to go on.": "Veuillez cocher cette case pour continuer.",
    "Please choose a value of at least {number}.": "Veuillez choisir une valeur d’au moins {number}.",
    "Please choose a value of at most {number}.": "Veuillez choisir une valeur d’au plus {number}.",
    "I cannot reply at the moment. Please go on without me.": (
        "Je ne peux pas répondre pour le moment. Veuillez continuer sans moi."
    ),
}
